package tokenstore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/digest"
)

// markOf is the mark of an access token.
func markOf(access, host string, c core.Account) string {
	return fmt.Sprintf("access_token_owner = %s %s %s\n", digest.Of(access), host, c)
}

func TestWhichTokenIsUsed(t *testing.T) {
	var (
		mine    = clientKey("mine")
		access  = ofClient("mine")
		someone = jwt(time.Hour, map[string]any{"email": "Ann@acme.example", "azp": "the-console"})
		stale   = jwt(14*time.Second, nil)
	)
	at := func(section, host string, c core.Account) core.TokenKey {
		return core.TokenKey{Section: section, Host: host, Account: c}
	}
	holding := func(section, access string) string { return "[" + section + "]\naccess_token = " + access + "\n" }
	for name, c := range map[string]struct {
		text string
		key  core.TokenKey
		want string
	}{
		"Python's, its claims name the client":     {holding("charlie", access), mine, access},
		"Python's, its claims name another client": {holding("charlie", access), clientKey("other"), ""},
		"Python's, its claims name the user":       {holding("charlie", someone), at("charlie", host, core.UserAccount(host, "ann@acme.example")), someone},
		"Python's, its claims name another user":   {holding("charlie", someone), at("charlie", host, core.UserAccount(host, "bob@acme.example")), ""},
		"Python's, any account":                    {holding("charlie", access), anybody, access},
		"Python's, any user":                       {holding("charlie", access), at("charlie", host, core.AnyUserAccount), access},
		"Python's, for another host":               {holding("charlie", access), at("charlie", "taegis.example", ""), ""},
		"Python's, for loopback":                   {holding("charlie", access), at("charlie", "127.0.0.1:8080", ""), access},
		"Python's, of an environment of one's own": {holding("lab", access), at("lab", "taegis.example", ""), ""},
		"Python's, universal":                      {holding("universal", access), at("universal", "api.taegis.secureworks.com", ""), access},
		"Python's, universal, for a region":        {holding("universal", access), at("universal", host, ""), ""},
		"marked":                                   {holding("charlie", access) + markOf(access, host, mine.Account), mine, access},
		"marked, opposed to its claims":            {holding("charlie", access) + markOf(access, host, "user"), mine, ""},
		"marked, any account":                      {holding("charlie", access) + markOf(access, host, mine.Account), anybody, access},
		"marked, of another host":                  {holding("charlie", access) + markOf(access, "taegis.example", mine.Account), anybody, ""},
		"marked, of another host, for loopback":    {holding("charlie", access) + markOf(access, host, mine.Account), at("charlie", "localhost", ""), ""},
		"marked, environment of one's own":         {holding("lab", access) + markOf(access, "taegis.example", "user"), at("lab", "taegis.example", ""), access},
		"void mark: Python has replaced the token": {holding("charlie", access) + markOf("another", host, "user"), mine, access},
		"rubbish for a mark":                       {holding("charlie", access) + "access_token_owner = ?\n", mine, access},
		"aside":                                    {holding("charlie", someone) + holding("charlie/"+string(mine.Account), access) + markOf(access, host, mine.Account), mine, access},
		"aside, void":                              {holding("charlie", someone) + holding("charlie/"+string(mine.Account), access) + markOf("x", host, mine.Account), mine, ""},
		"canonical name for an alias":              {holding("charlie", access), at("us1", host, ""), access},
		"alias for the canonical name":             {holding("production", access), anybody, access},
		"a name without a token hides no other":    {"[us1]\nclient_id = A\n" + holding("charlie", access), at("us1", host, ""), access},
		"nor does one that was cleared":            {"[charlie]\naccess_token = \n" + holding("us1", access), anybody, access},
		"nor does one that has expired":            {holding("charlie", stale) + holding("us1", access), anybody, access},
		"its own name before others":               {holding("us1", someone) + holding("charlie", access), anybody, access},
		"another case":                             {holding("charlie", access), at("Charlie", host, ""), access},
		"the vendor's case":                        {holding("US1", access), at("us1", host, ""), access},
		"an alias in the vendor's case":            {"[charlie]\nclient_id = A\n" + holding("US1", access), anybody, access},
		"another case of one's own":                {holding("Lab", access) + markOf(access, "taegis.example", "user"), at("lab", "taegis.example", ""), access},
		"another case, aside":                      {holding("US1", someone) + holding("US1/"+string(mine.Account), access) + markOf(access, host, mine.Account), mine, access},
		"aside, after Python's logout":             {"[charlie]\naccess_token = \n" + holding("charlie/"+string(mine.Account), access) + markOf(access, host, mine.Account), mine, ""},
		"aside, after Python's logout of another":  {"[us1]\naccess_token = \n[charlie]\n" + holding("charlie/"+string(mine.Account), access) + markOf(access, host, mine.Account), mine, access},
		"another region":                           {holding("delta", access), anybody, ""},
		"within 15 s of its expiry":                {holding("charlie", stale), anybody, ""},
		"no JWT":                                   {holding("charlie", "opaque"), anybody, ""},
		"no expiry":                                {holding("charlie", "e30.e30.c2ln"), anybody, ""},
		"cleared":                                  {"[charlie]\naccess_token = \n", anybody, ""},
		"no line break at the end":                 {strings.TrimSpace(holding("charlie", access)), anybody, access},
		"with unreadable lines":                    {holding("charlie", access) + "rubbish\n", anybody, access},
		"empty file":                               {"", anybody, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := loaded(t, fileWith(t, c.text), c.key); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestOriginOfAToken(t *testing.T) {
	f := fileWith(t, "[charlie]\naccess_token = "+ofClient("mine")+"\n")
	token, err := f.Load(t.Context(), core.TokenKey{Section: "us1", Host: host})
	if err != nil || token.Origin != f.Path+" [charlie]" || token.Host != "" || token.Account != "" {
		t.Errorf("%+v, %v", token, err)
	}
}

func TestHowTokensAreWritten(t *testing.T) {
	const settings = "# mine\n[charlie]\nclient_id = CHARLIE_CLIENT_ID\n\n[other]\nKey: value\n"
	f := fileWith(t, settings)
	one, two := ofClient("one"), ofClient("two")
	keep(t, f, clientKey("one"), one)
	want := "# mine\n[charlie]\nclient_id = CHARLIE_CLIENT_ID\naccess_token = " + one + "\n" +
		markOf(one, host, clientKey("one").Account) + "\n[other]\nKey: value\n"
	if diff := cmp.Diff(want, textOf(t, f)); diff != "" {
		t.Error(diff)
	}
	keep(t, f, clientKey("two"), two)
	want = "# mine\n[charlie]\nclient_id = CHARLIE_CLIENT_ID\naccess_token = " + two + "\n" +
		markOf(two, host, clientKey("two").Account) + "\n[other]\nKey: value\n\n" +
		"[charlie/" + string(clientKey("one").Account) + "]\naccess_token = " + one + "\n" +
		markOf(one, host, clientKey("one").Account) + "\n"
	if diff := cmp.Diff(want, textOf(t, f)); diff != "" {
		t.Error(diff)
	}
	keep(t, f, clientKey("one"), jwt(2*time.Hour, nil)) // comes back, and has no second token aside
	if n := strings.Count(textOf(t, f), "access_token = "); n != 2 {
		t.Errorf("%d tokens, want that of each client", n)
	}
	if err := f.Delete(t.Context(), anybody); err != nil {
		t.Fatal(err)
	}
	want = strings.Replace(settings, "_ID\n", "_ID\naccess_token = \n", 1)
	if diff := cmp.Diff(want, strings.TrimSuffix(textOf(t, f), "\n")); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsDisplaced(t *testing.T) {
	ctx := t.Context()
	f := fileWith(t, "")
	keep(t, f, clientKey("one"), ofClient("one"))
	later := &tokenstore.File{Path: f.Path, Now: func() time.Time { return time.Now().Add(2 * time.Hour) }}
	_, err := later.Update(ctx, clientKey("two"), func(context.Context, core.Token) (core.Token, error) {
		return core.NewToken(jwt(4*time.Hour, nil), time.Now()), nil
	})
	if err != nil || strings.Contains(textOf(t, f), "[charlie/") {
		t.Errorf("an expired token was kept aside: %v\n%s", err, textOf(t, f))
	}
}

func TestExpiredTokensAsideAreSweptButForWhatOthersKeepThere(t *testing.T) {
	expired := jwt(-time.Hour, nil)
	mine, yours := clientKey("mine").Account, clientKey("yours").Account
	f := fileWith(t, "[charlie]\n\n"+
		"[charlie/"+string(mine)+"]\naccess_token = "+expired+"\n"+markOf(expired, host, mine)+"\n"+
		"[charlie/"+string(yours)+"]\naccess_token = "+expired+"\n"+markOf(expired, host, yours)+"note = keep\n\n")
	access := ofClient("new")
	keep(t, f, clientKey("new"), access)
	want := "[charlie]\naccess_token = " + access + "\n" + markOf(access, host, clientKey("new").Account) +
		"\n[charlie/" + string(yours) + "]\nnote = keep\n\n"
	if diff := cmp.Diff(want, textOf(t, f)); diff != "" {
		t.Error(diff)
	}
}

func TestDeleteClearsEveryNameOfTheEnvironment(t *testing.T) {
	access := ofClient("x")
	holding := func(section string) string { return "[" + section + "]\naccess_token = " + access + "\n\n" }
	cleared := func(section string) string { return "[" + section + "]\naccess_token = \n\n" }
	f := fileWith(t, holding("charlie")+holding("US1")+holding("production")+holding("delta")+holding("charlie/own")+"[DEFAULT]\nk = v\n")
	if err := f.Delete(t.Context(), core.TokenKey{Section: "us1"}); err != nil {
		t.Fatal(err)
	}
	want := cleared("charlie") + cleared("US1") + cleared("production") + holding("delta") + holding("charlie/own") + "[DEFAULT]\nk = v\n"
	if diff := cmp.Diff(want, textOf(t, f)); diff != "" {
		t.Error(diff)
	}
}

func TestDeleteRemovesTheMarkThatPythonLeft(t *testing.T) {
	f := fileWith(t, "[charlie]\naccess_token = \n"+markOf("x", host, "user"))
	if err := f.Delete(t.Context(), anybody); err != nil {
		t.Fatal(err)
	}
	if got := textOf(t, f); got != "[charlie]\naccess_token = \n" {
		t.Errorf("the file: %q", got)
	}
}

func TestDeleteWithoutAFileMakesNone(t *testing.T) {
	f := &tokenstore.File{Path: filepath.Join(t.TempDir(), "home", "config")}
	if err := errors.Join(f.Delete(t.Context(), anybody), f.Unset(t.Context(), "a", "b")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Dir(f.Path)); !os.IsNotExist(err) {
		t.Errorf("the folder: %v", err)
	}
}

// wantModes checks who can use what a first write has made.
func wantModes(t *testing.T, f *tokenstore.File) {
	t.Helper()
	for path, want := range map[string]os.FileMode{filepath.Dir(f.Path): 0o755, f.Path: 0o600, f.Path + ".logins": 0o700} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}

// The folder is as open as where Python makes it, whichever comes first.
func TestModesOfAFirstLogin(t *testing.T) {
	f := &tokenstore.File{Path: filepath.Join(t.TempDir(), "home", "config")}
	keep(t, f, clientKey("mine"), ofClient("mine"))
	wantModes(t, f)
}

func TestModes(t *testing.T) {
	f := &tokenstore.File{Path: filepath.Join(t.TempDir(), "home", "config")}
	set := func() {
		if err := f.Set(t.Context(), "s", "k", time.Now().String()); err != nil {
			t.Fatal(err)
		}
	}
	set()
	wantModes(t, f)
	if err := os.Chmod(f.Path, 0o640); err != nil {
		t.Fatal(err)
	}
	set()
	if info, err := os.Stat(f.Path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the file's own mode was not kept: %v, %v", info.Mode(), err)
	}
	names, err := filepath.Glob(filepath.Join(filepath.Dir(f.Path), ".*"))
	if err != nil || len(names) != 0 {
		t.Errorf("left behind: %v, %v", names, err)
	}
}

func TestListNamesWhatIsKnown(t *testing.T) {
	access, mine := ofClient("x"), clientKey("mine")
	holding := "access_token = " + access + "\n"
	f := fileWith(t, "[charlie]\n"+holding+markOf("another", host, "user")+
		"[charlie/"+string(mine.Account)+"]\n"+holding+markOf(access, host, mine.Account)+
		"[delta]\naccess_token =\n[lab/eu]\n"+holding)
	var keys []core.TokenKey
	for key, err := range f.List(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	want := []core.TokenKey{{Section: "charlie"}, mine, {Section: "lab/eu"}}
	if !slices.Equal(keys, want) {
		t.Errorf("listed %v, want %v", keys, want)
	}
}

func TestAUserNameIsLearntFromTheLogin(t *testing.T) {
	ann := core.TokenKey{Section: "charlie", Host: host, Account: core.UserAccount(host, "ann")}
	access := jwt(time.Hour, nil)
	for name, store := range map[string]interface {
		Update(context.Context, core.TokenKey, func(context.Context, core.Token) (core.Token, error)) (core.Token, error)
		Load(context.Context, core.TokenKey) (core.Token, error)
	}{"memory": &tokenstore.Memory{}, "file": fileWith(t, "")} {
		anyone := ann
		anyone.Account = core.AnyUserAccount
		_, err := store.Update(t.Context(), anyone, func(context.Context, core.Token) (core.Token, error) {
			token := core.NewToken(access, time.Now())
			token.Account = ann.Account
			return token, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if token, err := store.Load(t.Context(), ann); err != nil || token.AccessToken.Reveal() != access {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDefaultPath(t *testing.T) {
	t.Setenv("HOME", "/home/ann")
	t.Setenv("USERPROFILE", "/home/ann")
	want := filepath.Join("/home/ann", ".taegis_sdk_python", "config")
	if path, err := tokenstore.DefaultPath(); err != nil || path != want {
		t.Errorf("%q, %v", path, err)
	}
	t.Setenv("HOME", "")
	t.Setenv("USERPROFILE", "")
	account, err := user.Current()
	if err != nil || account.HomeDir == "" {
		t.Fatalf("%+v, %v", account, err)
	}
	if path, err := tokenstore.DefaultPath(); err != nil || path != filepath.Join(account.HomeDir, ".taegis_sdk_python", "config") {
		t.Errorf("by the user database: %q, %v", path, err)
	}
}
