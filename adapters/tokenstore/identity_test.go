package tokenstore_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
)

var (
	someTenant  = core.Identity{ID: "4c3f0b5e-7d1a-4a53-9f0e-2b6c8d917a10", Type: core.IdentityTenant}
	somePartner = core.Identity{ID: "0b8b0f43-51ce-4f0e-9d6a-3c1de0c5a902", Type: core.IdentityPartner}
)

// onFusion is the key of a client of the successor.
func onFusion(id string) core.TokenKey {
	const host = "id.sophos.com"
	return core.TokenKey{Section: "fusion", Host: host, Account: core.ClientAccount(host, id)}
}

// identify stores a token, or the identity of a stored one.
func identify(t *testing.T, f *tokenstore.File, key core.TokenKey, access string, identity core.Identity) {
	t.Helper()
	_, err := f.Update(t.Context(), key, func(_ context.Context, stored core.Token) (core.Token, error) {
		if stored.AccessToken.Reveal() != access {
			stored = core.Token{AccessToken: core.NewSecret(access), Account: key.Account, Host: key.Host}
		}
		stored.Identity = identity
		return stored, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func identityIn(t *testing.T, f *tokenstore.File, key core.TokenKey) core.Identity {
	t.Helper()
	token, err := f.Load(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return token.Identity
}

// The identity follows its token aside and back, and goes with it.
func TestTheIdentityFollowsItsToken(t *testing.T) {
	f := &tokenstore.File{Path: filepath.Join(t.TempDir(), "config")}
	one, two := ofClient("one"), ofClient("two")
	identify(t, f, onFusion("one"), one, someTenant)
	identify(t, f, onFusion("two"), two, somePartner) // the first moves aside
	for id, want := range map[string]core.Identity{"one": someTenant, "two": somePartner} {
		if got := identityIn(t, f, onFusion(id)); got != want {
			t.Errorf("%s: %+v", id, got)
		}
	}
	identify(t, f, onFusion("one"), one, somePartner) // in its place
	if got := identityIn(t, f, core.TokenKey{Section: "fusion", Host: "id.sophos.com"}); got != somePartner || loaded(t, f, onFusion("two")) != two {
		t.Errorf("the latest login: %+v", got)
	}
	if got := identityIn(t, f, onFusion("one")); got != somePartner {
		t.Errorf("the token aside: %+v", got)
	}
	if n := strings.Count(textOf(t, f), "access_token_identity = "); n != 2 {
		t.Errorf("%d identities in\n%s", n, textOf(t, f))
	}
	if err := f.Delete(t.Context(), core.TokenKey{Section: "fusion", Host: "id.sophos.com"}); err != nil {
		t.Fatal(err)
	}
	if text := textOf(t, f); strings.Contains(text, "identity") || strings.Contains(text, someTenant.ID) {
		t.Errorf("left after Delete:\n%s", text)
	}
}

// What is written there by hand or for another token counts as nothing.
func TestAnIdentityThatDoesNotFit(t *testing.T) {
	access := ofClient("one")
	fitting := &tokenstore.File{Path: filepath.Join(t.TempDir(), "config")}
	identify(t, fitting, onFusion("one"), access, someTenant)
	_, line, _ := strings.Cut(textOf(t, fitting), "access_token_identity = ")
	digest, _, _ := strings.Cut(line, " ")
	for name, text := range map[string]string{
		"another digest": "0123456789abcdef tenant " + someTenant.ID,
		"no digest":      "tenant " + someTenant.ID,
		"no type":        digest + " " + someTenant.ID,
		"no UUID":        digest + " tenant 145831",
		"two UUIDs":      digest + " tenant " + someTenant.ID + " " + someTenant.ID,
		"nothing":        "",
	} {
		f := fileWith(t, strings.Replace(textOf(t, fitting), strings.TrimSpace(line), text, 1))
		if got := identityIn(t, f, onFusion("one")); !got.IsZero() {
			t.Errorf("%s: %+v", name, got)
		}
	}
	unknown := core.Identity{ID: someTenant.ID, Type: "reseller"}
	identify(t, fitting, onFusion("one"), access, unknown)
	if got := identityIn(t, fitting, onFusion("one")); got != unknown {
		t.Errorf("a type that is not known: %+v", got)
	}
}

// Python reads the token next to an identity, keeps the identity when it writes, and voids it with
// another token.
func TestPythonKeepsTheIdentity(t *testing.T) {
	f := &tokenstore.File{Path: filepath.Join(t.TempDir(), "config")}
	access := ofClient("one")
	identify(t, f, onFusion("one"), access, someTenant)
	if got := answer(t, "get", f.Path, "fusion", "access_token"); got != access {
		t.Errorf("Python reads %q", got)
	}
	answer(t, "set", f.Path, "charlie", "access_token", ofClient("other"))
	if got := identityIn(t, f, onFusion("one")); got != someTenant {
		t.Errorf("after a write of Python: %+v", got)
	}
	other := ofClient("one")
	answer(t, "set", f.Path, "fusion", "access_token", other)
	if token, err := f.Load(t.Context(), onFusion("one")); err != nil || token.AccessToken.Reveal() != other || !token.Identity.IsZero() {
		t.Errorf("another token of Python's: %+v, %v", token.Identity, err)
	}
}
