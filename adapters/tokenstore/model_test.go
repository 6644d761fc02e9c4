package tokenstore_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/spf13/afero"
	"pgregory.net/rapid"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// Memory is simple enough to be right, and File has to answer as it does, whatever happened.
func TestFileAnswersAsMemoryDoes(t *testing.T) {
	keys := []core.TokenKey{
		{Section: "charlie", Host: host},
		{Section: "charlie", Host: host, Account: core.AnyUserAccount},
		{Section: "charlie", Host: host, Account: core.UserAccount(host, "ann")},
		{Section: "charlie", Host: host, Account: core.ClientAccount(host, "one")},
		{Section: "charlie", Host: "taegis.example", Account: core.ClientAccount("taegis.example", "one")},
		{Section: "delta", Host: host, Account: core.ClientAccount(host, "one")},
	}
	rapid.Check(t, func(t *rapid.T) {
		elapsed := time.Duration(0)
		clock := func() time.Time { return time.Now().Add(elapsed) }
		stores := []ports.TokenStore{
			&tokenstore.Memory{Now: clock},
			&tokenstore.File{Path: "/config", FS: afero.NewMemMapFs(), Now: clock},
		}
		for n := range rapid.IntRange(1, 20).Draw(t, "steps") {
			key := rapid.SampledFrom(keys).Draw(t, "key")
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0:
				elapsed += time.Hour
			case 1:
				for _, store := range stores {
					if err := store.Delete(t.Context(), key); err != nil {
						t.Fatal(err)
					}
				}
			default:
				if key.Account == "" {
					continue // a token without an account is never stored
				}
				life := time.Duration(rapid.IntRange(0, 5).Draw(t, "hours"))*time.Hour + time.Minute
				token := core.NewToken(jwt(elapsed+life, map[string]any{"jti": n}), clock())
				for _, store := range stores {
					_, err := store.Update(t.Context(), key, func(context.Context, core.Token) (core.Token, error) { return token, nil })
					if err != nil {
						t.Fatal(err)
					}
				}
			}
			for _, key := range keys {
				want, wantErr := stores[0].Load(t.Context(), key)
				got, err := stores[1].Load(t.Context(), key)
				if !got.AccessToken.Equal(want.AccessToken) || got.Account != want.Account || got.Host != want.Host ||
					!errors.Is(err, wantErr) {
					t.Fatalf("for %v Memory has the token of %v (%v), File that of %v (%v)", key, want.Account, wantErr, got.Account, err)
				}
			}
		}
	})
}
