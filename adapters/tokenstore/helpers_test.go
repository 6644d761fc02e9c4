package tokenstore_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
)

// host mints the tokens of charlie.
const host = "api.ctpx.secureworks.com"

// issued counts the tokens of jwt.
var issued atomic.Int64

// jwt returns a token that is good for life, with further claims, and unlike every one before it.
func jwt(life time.Duration, claims map[string]any) string {
	all := map[string]any{"exp": time.Now().Add(life).Unix(), "jti": issued.Add(1)}
	maps.Copy(all, claims)
	payload, _ := json.Marshal(all)
	return "eyJhbGciOiJub25lIn0." + base64.RawURLEncoding.EncodeToString(payload) + ".c2lnbmF0dXJl"
}

// ofClient returns a token that says which client it is of.
func ofClient(id string) string { return jwt(time.Hour, map[string]any{"sub": id + "@clients"}) }

// clientKey is the key of a client's token in charlie.
func clientKey(id string) core.TokenKey {
	return core.TokenKey{Section: "charlie", Host: host, Account: core.ClientAccount(host, id)}
}

// anybody is the key of the latest login to charlie.
var anybody = core.TokenKey{Section: "charlie", Host: host}

// fileWith returns a file on the disk that holds text.
func fileWith(t testing.TB, text string) *tokenstore.File {
	t.Helper()
	f := &tokenstore.File{Path: filepath.Join(t.TempDir(), "config"), Logger: newLogger(t.Output())}
	if err := os.WriteFile(f.Path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return f
}

// linkTo returns another name of the file at path, in another folder and with another extension.
func linkTo(t testing.TB, path string) string {
	t.Helper()
	link := filepath.Join(t.TempDir(), "linked.ini")
	if err := os.Symlink(path, link); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	return link
}

func textOf(t testing.TB, f *tokenstore.File) string {
	t.Helper()
	text, err := os.ReadFile(f.Path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// keep stores an access token under key.
func keep(t testing.TB, f *tokenstore.File, key core.TokenKey, access string) {
	t.Helper()
	_, err := f.Update(t.Context(), key, func(context.Context, core.Token) (core.Token, error) {
		token := core.NewToken(access, time.Now())
		token.Account, token.Host = key.Account, key.Host
		return token, nil
	})
	if err != nil {
		t.Fatalf("Update of %v: %v", key, err)
	}
}

// loaded returns the access token of key, "" if there is none.
func loaded(t testing.TB, f *tokenstore.File, key core.TokenKey) string {
	t.Helper()
	token, err := f.Load(t.Context(), key)
	if err != nil && !errors.Is(err, core.ErrNoToken) {
		t.Fatalf("Load of %v: %v", key, err)
	}
	return token.AccessToken.Reveal()
}

// newLogger writes a line a record.
func newLogger(to io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(to, nil)) }
