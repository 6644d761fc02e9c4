package keyring_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// host mints the tokens of charlie.
const host = "api.ctpx.secureworks.com"

// keyOf is the key of a client's token in charlie.
func keyOf(client string) core.TokenKey {
	return core.TokenKey{Section: "charlie", Host: host, Account: core.ClientAccount(host, client)}
}

// mint returns a token of a client that is good for life.
func mint(client string, life time.Duration) core.Token {
	payload, _ := json.Marshal(map[string]any{"exp": time.Now().Add(life).Unix(), "client_id": client})
	t := core.NewToken("e30."+base64.RawURLEncoding.EncodeToString(payload)+".s3cr3t", time.Now())
	t.Account, t.Host = keyOf(client).Account, host
	return t
}

// drawer is a keyring in memory.
type drawer struct {
	mu   sync.Mutex
	keys map[string][]byte
	gets int
	err  error // of every call
	deaf bool  // accepts what it does not keep
	wait chan struct{}
}

func (d *drawer) Get(ctx context.Context, name string) ([]byte, error) {
	if d.wait != nil {
		select {
		case <-d.wait:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gets++
	if d.err != nil {
		return nil, d.err
	}
	if key, ok := d.keys[name]; ok {
		return key, nil
	}
	return nil, keyring.ErrNoKey
}

func (d *drawer) Set(_ context.Context, name string, key []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil || d.deaf {
		return d.err
	}
	if d.keys == nil {
		d.keys = map[string][]byte{}
	}
	d.keys[name] = key
	return nil
}

// newStore returns a store in a folder of its own.
func newStore(t testing.TB, keyStore keyring.KeyStore) *keyring.Store {
	t.Helper()
	return &keyring.Store{Service: "acme", KeyStore: keyStore, Dir: filepath.Join(t.TempDir(), "tokens"), Logger: newLogger(t.Output())}
}

// again returns a store as another process would open it.
func again(s *keyring.Store) *keyring.Store {
	return &keyring.Store{
		Service: s.Service, KeyStore: s.KeyStore, Dir: s.Dir, Keyrings: s.Keyrings, Logger: s.Logger,
		Passphrase: s.Passphrase, NonInteractive: s.NonInteractive, AnswerTimeout: s.AnswerTimeout, UnlockTimeout: s.UnlockTimeout,
	}
}

// opener returns a function that opens the place of s again.
func opener(s *keyring.Store) func() ports.TokenStore {
	return func() ports.TokenStore { return again(s) }
}

func fileOf(s *keyring.Store) string { return filepath.Join(s.Dir, s.Service+".sealed") }

func contentOf(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// save stores a token and returns the error of that.
func save(ctx context.Context, s ports.TokenStore, client string, token core.Token) error {
	_, err := s.Update(ctx, keyOf(client), func(context.Context, core.Token) (core.Token, error) { return token, nil })
	return err
}

// keep stores a new token of a client.
func keep(t testing.TB, s ports.TokenStore, client string) core.Token {
	t.Helper()
	token := mint(client, time.Hour)
	if err := save(t.Context(), s, client, token); err != nil {
		t.Fatalf("Update: %v", err)
	}
	return token
}

func want(t testing.TB, s ports.TokenStore, client string, token core.Token) {
	t.Helper()
	got, err := s.Load(t.Context(), keyOf(client))
	if err != nil || !got.AccessToken.Equal(token.AccessToken) {
		t.Errorf("Load of %s: %v; same token: %v", client, err, got.AccessToken.Equal(token.AccessToken))
	}
}

// wantError checks that err is of a kind, says where and what to do in one line, and shows no
// secret.
func wantError(t testing.TB, err, kind error, parts ...string) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("error %v, want %v", err, kind)
		return
	}
	text := err.Error()
	if core.Hint(err) == "" || strings.Contains(text, "\n") || strings.Contains(text, "s3cr3t") {
		t.Errorf("not one clear sentence with a hint: %s", text)
	}
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in: %s", part, text)
		}
	}
}

// noLogin is a refresh that must not be called.
func noLogin(t testing.TB) func(context.Context, core.Token) (core.Token, error) {
	return func(context.Context, core.Token) (core.Token, error) {
		t.Error("there was a login for nothing")
		return core.Token{}, nil
	}
}

// newLogger writes a line a record.
func newLogger(to io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(to, nil)) }
