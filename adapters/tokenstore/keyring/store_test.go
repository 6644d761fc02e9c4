package keyring_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/ports/portstest"
)

func TestStore(t *testing.T) {
	portstest.TokenStore(t, func(t *testing.T) func() ports.TokenStore { return opener(newStore(t, &drawer{})) })
}

func TestTokensAreSealed(t *testing.T) {
	s := newStore(t, &drawer{})
	token := keep(t, s, "mine")
	want(t, again(s), "mine", token)
	text := contentOf(t, fileOf(s))
	if !strings.HasPrefix(text, "taegis-sealed 1 custom ") {
		t.Errorf("header %q", strings.SplitN(text, "\n", 2)[0])
	}
	for _, plain := range []string{"s3cr3t", token.AccessToken.Reveal(), "charlie", host} {
		if strings.Contains(text, plain) {
			t.Errorf("the file shows %q", plain)
		}
	}
}

// Stores are printed with whatever holds them, in debug logs and panics.
func TestAStoreThatIsPrintedShowsNoKey(t *testing.T) {
	d := &drawer{}
	made := newStore(t, d)
	token := keep(t, made, "mine")
	read := again(made)
	want(t, read, "mine", token)
	secrets := map[string]string{}
	for name, key := range d.keys {
		secrets["the key "+name] = string(key)
	}
	made.KeyStore, read.KeyStore = nil, nil // fmt may look into it, and it hides nothing
	var outputs []testutil.Output
	for origin, s := range map[string]*keyring.Store{"made": made, "read": read} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			outputs = append(outputs, testutil.Output{Run: origin + ", " + verb, Text: fmt.Sprintf(verb, s)})
		}
		var text, inJSON bytes.Buffer
		newLogger(&text).Info("used", "store", s)
		slog.New(slog.NewJSONHandler(&inJSON, nil)).Info("used", "store", s)
		outputs = append(outputs, testutil.Output{Run: origin + ", log", Text: text.String()}, testutil.Output{Run: origin + ", JSON log", Text: inJSON.String()})
	}
	for _, leak := range testutil.Leaks(secrets, outputs) {
		t.Error(leak)
	}
	if len(secrets) != 1 {
		t.Errorf("looked for %d keys", len(secrets))
	}
}

func TestAColdStartDoesNotTouchTheKeyring(t *testing.T) {
	s := newStore(t, &drawer{err: errors.New("touched")})
	if _, err := s.Load(t.Context(), keyOf("mine")); !errors.Is(err, core.ErrNoToken) {
		t.Errorf("Load: %v", err)
	}
	if err := s.Delete(t.Context(), keyOf("mine")); err != nil {
		t.Errorf("Delete: %v", err)
	}
	for _, err := range s.List(t.Context()) {
		t.Errorf("List: %v", err)
	}
	if _, err := os.Stat(s.Dir); !os.IsNotExist(err) {
		t.Errorf("a folder was made: %v", err)
	}
}

func TestTheNamesOfARegionAreOne(t *testing.T) {
	s := newStore(t, &drawer{})
	token := keep(t, s, "mine")
	us1 := keyOf("mine")
	us1.Section = "us1"
	if got, err := s.Load(t.Context(), us1); err != nil || !got.AccessToken.Equal(token.AccessToken) {
		t.Errorf("Load as us1: %v", err)
	}
	if err := s.Delete(t.Context(), core.TokenKey{Section: "Production"}); err != nil {
		t.Error(err)
	}
	if _, err := s.Load(t.Context(), keyOf("mine")); !errors.Is(err, core.ErrNoToken) {
		t.Errorf("after the production was cleared: %v", err)
	}
}

func TestTheKeyringIsAskedOnce(t *testing.T) {
	d := &drawer{}
	s := newStore(t, d)
	token := keep(t, s, "mine")
	s, d.gets = again(s), 0
	var callers sync.WaitGroup
	for range 32 {
		callers.Go(func() { want(t, s, "mine", token) })
	}
	callers.Wait()
	if d.gets != 1 {
		t.Errorf("the keyring was asked %d times", d.gets)
	}
}

func TestWhoWaitsForAnAnswerSharesIt(t *testing.T) {
	synctest.Test(t, whoWaitsForAnAnswerSharesIt)
}

func whoWaitsForAnAnswerSharesIt(t *testing.T) {
	d := &drawer{}
	s := newStore(t, d)
	keep(t, s, "mine")
	s, d.gets, d.wait, d.err = again(s), 0, make(chan struct{}), keyring.ErrDenied
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			if _, err := s.Load(t.Context(), keyOf("mine")); !errors.Is(err, keyring.ErrDenied) {
				t.Errorf("Load: %v", err)
			}
		})
	}
	synctest.Wait() // for the answer, all of them
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Load(gone, keyOf("mine")); !errors.Is(err, context.Canceled) {
		t.Errorf("who gives up: %v", err)
	}
	<-time.After(time.Second) // the answer is a later one, by the clock of the bubble
	close(d.wait)
	callers.Wait()
	if d.gets > 1 {
		t.Errorf("a user was asked %d times", d.gets)
	}
	d.err = nil
	if _, err := s.Load(t.Context(), keyOf("mine")); err != nil {
		t.Errorf("once it is unlocked: %v", err)
	}
}

// A file is replaced between two callers by another program, with its key in the keyring.
func TestTheAnswerAboutOneKeyIsNotThatAboutAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &drawer{}
		s := newStore(t, d)
		put := func(text string) {
			if err := os.WriteFile(fileOf(s), []byte(text), 0o600); err != nil {
				t.Error(err)
			}
		}
		keep(t, s, "mine")
		older := contentOf(t, fileOf(s))
		clear(d.keys)
		token := keep(t, again(s), "mine")
		newer := contentOf(t, fileOf(s))

		s, d.wait = again(s), make(chan struct{})
		var callers sync.WaitGroup
		put(older)
		callers.Go(func() { want(t, s, "mine", token) }) // which reads the file again
		synctest.Wait()                                  // it asks the keyring
		put(newer)
		callers.Go(func() { want(t, s, "mine", token) })
		synctest.Wait()         // it waits for its turn
		time.Sleep(time.Second) // the answer is a later one, by the clock of the test
		close(d.wait)
		callers.Wait()
	})
}

func TestNoLoginForATokenThatCannotBeStored(t *testing.T) {
	for name, c := range map[string]struct {
		keeper *drawer
		want   error
	}{
		"absent":  {&drawer{err: keyring.ErrAbsent}, keyring.ErrAbsent},
		"locked":  {&drawer{err: keyring.ErrLocked}, keyring.ErrLocked},
		"refused": {&drawer{err: keyring.ErrDenied}, keyring.ErrDenied},
		"deaf":    {&drawer{deaf: true}, keyring.ErrAbsent},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t, c.keeper)
			if _, err := s.Update(t.Context(), keyOf("mine"), noLogin(t)); !errors.Is(err, c.want) {
				t.Errorf("Update: %v, want %v", err, c.want)
			}
			if _, err := os.Stat(fileOf(s)); !os.IsNotExist(err) {
				t.Errorf("a file was made: %v", err)
			}
		})
	}
}

func TestALockedKeyringLosesNothing(t *testing.T) {
	d := &drawer{}
	s := newStore(t, d)
	token := keep(t, s, "mine")
	before := contentOf(t, fileOf(s))
	locked := again(s)
	d.err = keyring.ErrLocked
	if _, err := locked.Load(t.Context(), keyOf("mine")); !errors.Is(err, keyring.ErrLocked) || errors.Is(err, core.ErrNoToken) {
		t.Errorf("Load: %v", err)
	}
	if _, err := locked.Update(t.Context(), keyOf("mine"), noLogin(t)); !errors.Is(err, keyring.ErrLocked) {
		t.Errorf("Update: %v", err)
	}
	if err := locked.Delete(t.Context(), keyOf("mine")); !errors.Is(err, keyring.ErrLocked) {
		t.Errorf("Delete: %v", err)
	}
	for _, err := range locked.List(t.Context()) {
		if !errors.Is(err, keyring.ErrLocked) {
			t.Errorf("List: %v", err)
		}
	}
	if contentOf(t, fileOf(s)) != before {
		t.Error("the file was changed")
	}
	d.err = nil
	want(t, locked, "mine", token)
}

// asides returns the files that were set aside.
func asides(t *testing.T, s *keyring.Store) []string {
	t.Helper()
	names, err := filepath.Glob(fileOf(s) + ".2*Z")
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestAFileThatCannotBeOpened(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(text string, d *drawer) string
		want  error
	}{
		"the key is lost":   {func(text string, d *drawer) string { clear(d.keys); return text }, keyring.ErrNoKey},
		"another key":       {func(text string, d *drawer) string { return flipKey(text, d) }, keyring.ErrDamaged},
		"one bit":           {func(text string, _ *drawer) string { return text[:len(text)-1] + string(text[len(text)-1]^1) }, keyring.ErrDamaged},
		"cut off":           {func(text string, _ *drawer) string { return text[:len(text)-9] }, keyring.ErrDamaged},
		"cut in the header": {func(text string, _ *drawer) string { return text[:20] }, keyring.ErrDamaged},
		"a changed header":  {func(text string, _ *drawer) string { return strings.Replace(text, " custom ", " custom  ", 1) }, keyring.ErrDamaged},
		"empty":             {func(string, *drawer) string { return "" }, keyring.ErrDamaged},
		"zeros":             {func(text string, _ *drawer) string { return strings.Repeat("\x00", len(text)) }, keyring.ErrDamaged},
		"plain text":        {func(string, *drawer) string { return "[charlie]\naccess_token = s3cr3t\n" }, keyring.ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			d := &drawer{}
			s := newStore(t, d)
			keep(t, s, "mine")
			spoilt := c.spoil(contentOf(t, fileOf(s)), d)
			if err := os.WriteFile(fileOf(s), []byte(spoilt), 0o600); err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			s = again(s)
			s.Logger = newLogger(&log)
			_, err := s.Load(t.Context(), keyOf("mine"))
			wantError(t, err, c.want, fileOf(s), "log in again")
			wantError(t, err, core.ErrNoToken) // so that a session logs in
			if len(asides(t, s)) != 0 || contentOf(t, fileOf(s)) != spoilt {
				t.Error("reading has changed something")
			}
			token := keep(t, s, "mine")
			want(t, again(s), "mine", token)
			kept := asides(t, s)
			if len(kept) != 1 || contentOf(t, kept[0]) != spoilt {
				t.Errorf("set aside: %v", kept)
			}
			if len(kept) == 1 && !strings.Contains(log.String(), filepath.Base(kept[0])) {
				t.Errorf("the warning is missing: %s", log.String())
			}
		})
	}
}

// flipKey gives the keyring another key under the same name.
func flipKey(text string, d *drawer) string {
	for name, key := range d.keys {
		d.keys[name] = bytes.Repeat(key[:1], len(key))
	}
	return text
}

// full is a keyring that takes no more keys.
type full struct{ *drawer }

func (full) Set(context.Context, string, []byte) error { return keyring.ErrDenied }

func TestWhatCannotBeOpenedStaysUntilThereIsANewKey(t *testing.T) {
	s := newStore(t, &drawer{})
	token := keep(t, s, "mine")
	before := contentOf(t, fileOf(s))
	lost := again(s)
	lost.KeyStore = full{&drawer{}}
	if _, err := lost.Update(t.Context(), keyOf("mine"), noLogin(t)); !errors.Is(err, keyring.ErrDenied) {
		t.Errorf("Update: %v", err)
	}
	if kept := asides(t, s); len(kept) != 0 || contentOf(t, fileOf(s)) != before {
		t.Errorf("set aside: %v", kept)
	}
	want(t, again(s), "mine", token)
}

func TestClearingWhatCannotBeOpened(t *testing.T) {
	d := &drawer{}
	s := newStore(t, d)
	keep(t, s, "mine")
	clear(d.keys)
	s = again(s)
	if err := s.Delete(t.Context(), core.TokenKey{Section: "charlie"}); err != nil {
		t.Errorf("Delete: %v", err)
	}
	if _, err := os.Stat(fileOf(s)); !os.IsNotExist(err) || len(asides(t, s)) != 1 || len(d.keys) != 0 {
		t.Errorf("the file: %v; aside: %v; keys: %d", err, asides(t, s), len(d.keys))
	}
}

func TestAFileOfANewerVersionIsLeftAlone(t *testing.T) {
	s := newStore(t, &drawer{})
	keep(t, s, "mine")
	newer := strings.Replace(contentOf(t, fileOf(s)), "taegis-sealed 1 ", "taegis-sealed 2 more ", 1)
	if err := os.WriteFile(fileOf(s), []byte(newer), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := s.Update(t.Context(), keyOf("mine"), noLogin(t))
	if _, ok := errors.AsType[*core.FileError](err); !ok || !strings.Contains(err.Error(), "newer version") || errors.Is(err, core.ErrNoToken) {
		t.Errorf("Update: %v", err)
	}
	if err := s.Delete(t.Context(), keyOf("mine")); err == nil || contentOf(t, fileOf(s)) != newer {
		t.Errorf("Delete: %v", err)
	}
}

func TestAKeyringThatIsNotAllowed(t *testing.T) {
	s := newStore(t, &drawer{})
	keep(t, s, "mine")
	s = again(s)
	s.KeyStore, s.Keyrings = nil, []string{keyring.Pass}
	_, err := s.Load(t.Context(), keyOf("mine"))
	wantError(t, err, keyring.ErrDenied, "custom", keyring.Pass)
}

func TestAServiceIsNoPath(t *testing.T) {
	s := newStore(t, &drawer{})
	s.Service = "../acme/soc"
	keep(t, s, "mine")
	names, err := filepath.Glob(filepath.Join(s.Dir, "*.sealed"))
	if err != nil || len(names) != 1 {
		t.Errorf("files %v, %v", names, err)
	}
}

func TestTheDefaultDirIsOneOfState(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_STATE_HOME", "relative/is/ignored")
	dir, err := keyring.DefaultDir()
	if err != nil || !strings.HasPrefix(dir, home) || !strings.HasSuffix(dir, filepath.Join("taegis", "tokens")) {
		t.Errorf("%s, %v", dir, err)
	}
}
