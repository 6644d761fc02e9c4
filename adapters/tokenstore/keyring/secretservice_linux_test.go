package keyring_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/ports/portstest"
)

// onSecretService returns a store that uses nothing but the Secret Service.
func onSecretService(t testing.TB) *keyring.Store {
	s := newStore(t, nil)
	s.Keyrings = []string{keyring.SecretService}
	return s
}

func TestGnomeKeyring(t *testing.T) {
	startGnomeKeyring(t)
	portstest.TokenStore(t, func(t *testing.T) func() ports.TokenStore { return opener(onSecretService(t)) })
	s := onSecretService(t)
	begin := time.Now()
	token := keep(t, s, "mine")
	made := time.Since(begin)
	begin = time.Now()
	want(t, again(s), "mine", token)
	t.Logf("the first token, with its key: %v; reading it in another process: %v", made, time.Since(begin))
}

func TestALockedGnomeKeyring(t *testing.T) {
	startGnomeKeyring(t)
	s := onSecretService(t)
	token := keep(t, s, "mine")
	lockCollection(t)
	want(t, s, "mine", token) // who has the key goes on
	silent := again(s)
	silent.NonInteractive = true
	begin := time.Now()
	_, err := silent.Load(t.Context(), keyOf("mine"))
	wantError(t, err, keyring.ErrLocked, "secret-service", "prompting is disabled")
	t.Logf("locked and non-interactive: returned after %v", time.Since(begin))
	begin = time.Now()
	_, err = again(s).Load(t.Context(), keyOf("mine")) // there is no program that could show a prompt
	wantError(t, err, keyring.ErrDenied, "secret-service", "the prompt was dismissed, or could not be shown")
	t.Logf("locked, and no prompt can be shown: said so after %v", time.Since(begin))
}

func TestALockedKeyringAsksItsUser(t *testing.T) {
	for name, c := range map[string]struct {
		prompt func(emit func(dismissed bool))
		want   error
	}{
		"who unlocks it":  {func(emit func(bool)) { emit(false) }, nil},
		"who dismisses":   {func(emit func(bool)) { emit(true) }, keyring.ErrDenied},
		"who is not here": {func(func(bool)) {}, keyring.ErrLocked},
	} {
		t.Run(name, func(t *testing.T) {
			service := (&secretService{prompt: c.prompt}).serve(t)
			s := onSecretService(t)
			if errors.Is(c.want, keyring.ErrLocked) {
				s.UnlockTimeout = 100 * time.Millisecond
			}
			if c.want == nil {
				want(t, again(s), "mine", keep(t, s, "mine"))
				return
			}
			begin := time.Now()
			_, err := s.Update(t.Context(), keyOf("mine"), noLogin(t))
			wantError(t, err, c.want, "secret-service")
			t.Logf("said so after %v", time.Since(begin))
			if errors.Is(c.want, keyring.ErrLocked) {
				<-service.dismissed // no prompt stays on the screen
			}
		})
	}
}

func TestManyCallersSeeOnePrompt(t *testing.T) {
	answer := make(chan bool)
	service := (&secretService{prompt: func(emit func(bool)) { emit(<-answer) }}).serve(t)
	s := onSecretService(t)
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			if err := s.Prepare(t.Context()); err != nil {
				t.Errorf("Prepare: %v", err)
			}
		})
	}
	answer <- false
	callers.Wait()
	if service.prompts != 1 {
		t.Errorf("%d prompts", service.prompts)
	}
}

func TestAnAbsentSecretService(t *testing.T) {
	gone := filepath.Join(t.TempDir(), "gone")
	for name, prepare := range map[string]func(t *testing.T){
		"no bus": func(t *testing.T) {
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
			t.Setenv("XDG_RUNTIME_DIR", gone)
		},
		"a bus that is gone": func(t *testing.T) { t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+gone) },
		"no address":         func(t *testing.T) { t.Setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:") },
		"a bus without one":  func(t *testing.T) { startBus(t) },
		"no collection":      func(t *testing.T) { (&secretService{lacks: true}).serve(t) },
		"it keeps nothing":   func(t *testing.T) { (&secretService{deaf: true}).serve(t) },
	} {
		t.Run(name, func(t *testing.T) {
			prepare(t)
			begin := time.Now()
			err := onSecretService(t).Prepare(t.Context())
			wantError(t, err, keyring.ErrAbsent, "secret-service")
			t.Logf("%v, said after %v", err, time.Since(begin))
		})
	}
}

func TestASecretServiceThatDenies(t *testing.T) {
	for _, name := range []string{"org.freedesktop.DBus.Error.AccessDenied", "org.example.No"} {
		(&secretService{denies: name}).serve(t)
		wantError(t, onSecretService(t).Prepare(t.Context()), keyring.ErrDenied, "secret-service")
	}
	(&secretService{lies: true}).serve(t)
	wantError(t, onSecretService(t).Prepare(t.Context()), keyring.ErrDenied, "does not keep to the algorithm")
	(&secretService{denies: "org.freedesktop.Secret.Error.IsLocked"}).serve(t)
	wantError(t, onSecretService(t).Prepare(t.Context()), keyring.ErrLocked, "secret-service")
}

func TestASlowSecretService(t *testing.T) {
	for name, prepare := range map[string]func(t *testing.T){
		"a service that never answers": func(t *testing.T) { (&secretService{hangs: true}).serve(t) },
		"a stopped daemon":             func(t *testing.T) { suspend(t, startGnomeKeyring(t)) },
		"a stopped bus":                func(t *testing.T) { suspend(t, startBus(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			prepare(t)
			s := onSecretService(t)
			s.AnswerTimeout = 200 * time.Millisecond
			begin := time.Now()
			wantError(t, s.Prepare(t.Context()), keyring.ErrLocked, "secret-service", "200ms")
			testutil.Within(t, "giving up", time.Since(begin), s.AnswerTimeout)
			s.AnswerTimeout = 0
			gaveUp := errors.New("gave up")
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(20*time.Millisecond, func() { cancel(gaveUp) })
			if err := s.Prepare(ctx); !errors.Is(err, gaveUp) {
				t.Errorf("who gives up: %v", err)
			}
		})
	}
}

func TestALostKeyOfGnomeKeyring(t *testing.T) {
	startGnomeKeyring(t)
	s := onSecretService(t)
	keep(t, s, "mine")
	startGnomeKeyring(t) // another one, with nothing in it
	s = again(s)
	_, err := s.Load(t.Context(), keyOf("mine"))
	wantError(t, err, keyring.ErrNoKey, fileOf(s), "log in again")
	token := keep(t, s, "mine")
	want(t, again(s), "mine", token)
	if len(asides(t, s)) != 1 {
		t.Errorf("set aside: %v", asides(t, s))
	}
	if _, err := os.Stat(fileOf(s)); err != nil {
		t.Error(err)
	}
}
