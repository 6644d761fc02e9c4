package crash_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/profile"
)

// A writer takes one step after the other, and each leaves a state behind. Whatever happens to it,
// one of these states is found: none that is older than the last finished step, and nothing between
// two of them.
type writer struct {
	name  string
	setup func(dir string) error // what is there before
	steps []func(ctx context.Context, dir string) error
	look  looking
	next  writing // of another process, which also needs the lock of a login
}

// What can be done to a store in a folder.
type (
	looking func(ctx context.Context, dir string, log *slog.Logger) (state, error)
	writing func(ctx context.Context, dir string, log *slog.Logger) error
)

// state is what a reader finds: the number in the token of each client, or a setting.
type state map[string]string

// run is the program: it says the number of each step that it has finished.
func (w writer) run(ctx context.Context, dir string, finished func(string)) error {
	for i, step := range w.steps {
		if err := step(ctx, dir); err != nil {
			return err
		}
		finished(strconv.Itoa(i + 1))
	}
	return nil
}

func init() {
	for _, w := range writers {
		programs[w.name] = w.run
	}
}

var writers = []writer{{
	name: "shared file",
	setup: func(dir string) error {
		return errors.Join(writeForeign(dir), keep(context.Background(), shared(dir, nil), "one", 0))
	},
	steps: []func(context.Context, string) error{
		func(ctx context.Context, dir string) error { return keep(ctx, shared(dir, nil), "one", 1) },
		func(ctx context.Context, dir string) error { return keep(ctx, shared(dir, nil), "two", 1) },
		func(ctx context.Context, dir string) error {
			return shared(dir, nil).Set(ctx, "lab", "colour", "green")
		},
		func(ctx context.Context, dir string) error { return shared(dir, nil).Delete(ctx, keyOf("one")) },
	},
	look: lookShared, next: nextShared,
}, {
	name:  "shared file that is new",
	setup: func(string) error { return nil },
	steps: []func(context.Context, string) error{
		func(ctx context.Context, dir string) error { return keep(ctx, shared(dir, nil), "one", 1) },
		func(ctx context.Context, dir string) error { return keep(ctx, shared(dir, nil), "two", 1) },
	},
	look: lookShared, next: nextShared,
}, {
	name:  "sealed file that is new",
	setup: func(string) error { return nil },
	steps: []func(context.Context, string) error{
		func(ctx context.Context, dir string) error { return keep(ctx, sealed(dir, nil), "one", 1) },
		func(ctx context.Context, dir string) error { return keep(ctx, sealed(dir, nil), "two", 1) },
		func(ctx context.Context, dir string) error { return sealed(dir, nil).Delete(ctx, keyOf("one")) },
	},
	look: lookSealed, next: nextSealed,
}, {
	name: "sealed file that is damaged",
	setup: func(dir string) error {
		path := sealedPath(dir)
		return errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("damaged"), 0o600))
	},
	steps: []func(context.Context, string) error{
		func(ctx context.Context, dir string) error { return keep(ctx, sealed(dir, silent), "one", 1) },
	},
	look: lookDamaged,
	// It is told that the damaged file was set aside, if that has not happened yet.
	next: func(ctx context.Context, dir string, _ *slog.Logger) error { return nextSealed(ctx, dir, silent) },
}, {
	name: "move from the shared file to the sealed one",
	setup: func(dir string) error {
		file := shared(dir, nil)
		return errors.Join(writeForeign(dir), keep(context.Background(), file, "one", 1), keep(context.Background(), file, "two", 1))
	},
	steps: []func(context.Context, string) error{
		func(ctx context.Context, dir string) error {
			_, err := tokenstore.Move(ctx, shared(dir, nil), sealed(dir, nil))
			return err
		},
	},
	look: lookEverywhere,
	next: func(ctx context.Context, dir string, log *slog.Logger) error {
		return errors.Join(nextShared(ctx, dir, log), nextSealed(ctx, dir, log))
	},
}, {
	name:  "file of profiles",
	setup: func(string) error { return nil },
	steps: []func(context.Context, string) error{
		func(_ context.Context, dir string) error {
			_, err := profile.Init(profilesPath(dir))
			return err
		},
		func(_ context.Context, dir string) error { return setPlugin(dir, "one") },
	},
	look: lookProfiles,
	next: func(_ context.Context, dir string, _ *slog.Logger) error { return setPlugin(dir, "next") },
}}

// silent is for what is not worth a word.
var silent = slog.New(slog.DiscardHandler)

func profilesPath(dir string) string {
	return filepath.Join(dir, "settings", "taegis", "profiles.toml")
}

func setPlugin(dir, name string) error {
	file, err := profile.LoadFile(context.Background(), profilesPath(dir))
	if err != nil {
		return err
	}
	return file.SetPlugin(name, profile.PluginConfig{Path: "/bin/" + name})
}

func lookProfiles(ctx context.Context, dir string, _ *slog.Logger) (state, error) {
	file, err := profile.LoadFile(ctx, profilesPath(dir))
	if err != nil {
		return nil, err
	}
	s := state{}
	for name := range file.Profiles {
		s["profile "+name] = "is there"
	}
	for name := range file.Plugins {
		s["plugin "+name] = "is there"
	}
	return s, nil
}

// host mints the tokens.
const host = "api.ctpx.secureworks.com"

// keyOf is the key of a client's token in charlie.
func keyOf(client string) core.TokenKey {
	return core.TokenKey{Section: "charlie", Host: host, Account: core.ClientAccount(host, client)}
}

// clients are those who log in.
var clients = []string{"one", "two", "three", "four"}

// claims are those of a client's token with a number.
type claims struct {
	Expires int64  `json:"exp"`
	Subject string `json:"sub"`
	Number  int    `json:"jti"`
}

// mint returns a client's token with a number.
func mint(client string, number int) core.Token {
	payload, _ := json.Marshal(claims{Expires: time.Now().Add(24 * time.Hour).Unix(), Subject: client + "@clients", Number: number})
	token := core.NewToken("eyJhbGciOiJub25lIn0."+base64.RawURLEncoding.EncodeToString(payload)+".c2lnbmF0dXJl", time.Now())
	token.Account, token.Host = keyOf(client).Account, host
	return token
}

// numberOf returns the number in a token.
func numberOf(token core.Token) (int, error) {
	_, rest, _ := strings.Cut(token.AccessToken.Reveal(), ".")
	payload, _, _ := strings.Cut(rest, ".")
	text, err := base64.RawURLEncoding.DecodeString(payload)
	var c claims
	return c.Number, errors.Join(err, json.Unmarshal(text, &c))
}

// keep stores a client's token with a number.
func keep(ctx context.Context, store ports.TokenStore, client string, number int) error {
	_, err := store.Update(ctx, keyOf(client), func(context.Context, core.Token) (core.Token, error) {
		return mint(client, number), nil
	})
	return err
}

// tokens adds to a state what tokens a store has.
func (s state) tokens(ctx context.Context, store ports.TokenStore) error {
	for _, client := range clients {
		token, err := store.Load(ctx, keyOf(client))
		if err == core.ErrNoToken { // a token that is absent; one that cannot be read wraps it
			continue
		}
		if err != nil {
			return err
		}
		number, err := numberOf(token)
		if err != nil {
			return fmt.Errorf("the token of %s: %w", client, err)
		}
		s[client] = strconv.Itoa(number)
	}
	return nil
}

func sealedPath(dir string) string { return filepath.Join(dir, "state", "taegis", "acme.sealed") }

func sealed(dir string, log *slog.Logger) *keyring.Store {
	return &keyring.Store{
		Dir: filepath.Dir(sealedPath(dir)), Service: "acme", Keyrings: []string{keyring.EncryptedFile}, Logger: log,
		Passphrase: func(context.Context, string) (core.Secret, error) { return core.NewSecret("correct horse"), nil },
	}
}

func lookSealed(ctx context.Context, dir string, log *slog.Logger) (state, error) {
	s := state{}
	return s, s.tokens(ctx, sealed(dir, log))
}

// lookDamaged takes a file that cannot be opened for one without tokens, as a login does.
func lookDamaged(ctx context.Context, dir string, log *slog.Logger) (state, error) {
	s, err := lookSealed(ctx, dir, log)
	if errors.Is(err, keyring.ErrDamaged) {
		return state{}, nil
	}
	return s, err
}

func nextSealed(ctx context.Context, dir string, log *slog.Logger) error {
	return keep(ctx, sealed(dir, log), "one", 99)
}

// lookEverywhere finds a token in either store.
func lookEverywhere(ctx context.Context, dir string, log *slog.Logger) (state, error) {
	s, err := lookShared(ctx, dir, log)
	if err != nil {
		return nil, err
	}
	return s, s.tokens(ctx, sealed(dir, log))
}
