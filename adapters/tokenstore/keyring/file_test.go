package keyring_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/ports/portstest"
)

// onPassphrase returns a store with its key in a file that is encrypted with a passphrase.
func onPassphrase(t testing.TB, answers ...string) *keyring.Store {
	t.Setenv(keyring.PassphraseVariable, "")
	s := newStore(t, nil)
	s.Keyrings = []string{keyring.EncryptedFile}
	s.Passphrase = func(_ context.Context, label string) (core.Secret, error) {
		if len(answers) == 0 {
			t.Errorf("asked once too often: %s", label)
			return core.Secret{}, core.ErrCancelled
		}
		answer := answers[0]
		answers = answers[1:]
		return core.NewSecret(answer), nil
	}
	return s
}

func TestPassphraseFromAVariable(t *testing.T) {
	portstest.TokenStore(t, func(t *testing.T) func() ports.TokenStore {
		s := onPassphrase(t)
		t.Setenv(keyring.PassphraseVariable, "correct horse")
		return opener(s)
	})
}

func TestPassphraseFromAUser(t *testing.T) {
	s := onPassphrase(t, "correct horse", "correct horse", "correct horse")
	token := keep(t, s, "mine") // asks twice
	want(t, s, "mine", token)   // asks no more
	want(t, again(s), "mine", token)
	err := filepath.Walk(s.Dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && !strings.Contains(path, ".lock") && info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
			t.Errorf("%s has the mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestPassphrases(t *testing.T) {
	s := onPassphrase(t, "correct horse", "correct horse")
	token := keep(t, s, "mine")
	for name, c := range map[string]struct {
		ask   func(context.Context, string) (core.Secret, error)
		quiet bool
		want  error
		part  string
	}{
		"a wrong one":      {ask: answer("battery staple", nil), want: keyring.ErrDenied, part: "the passphrase is wrong"},
		"no prompt":        {want: keyring.ErrLocked, part: keyring.PassphraseVariable},
		"asking forbidden": {ask: answer("correct horse", nil), quiet: true, want: keyring.ErrLocked, part: keyring.PassphraseVariable},
	} {
		t.Run(name, func(t *testing.T) {
			other := again(s)
			other.Passphrase, other.NonInteractive = c.ask, c.quiet
			_, err := other.Load(t.Context(), keyOf("mine"))
			wantError(t, err, c.want, "keyring encrypted-file", c.part)
		})
	}
	for name, ask := range map[string]func(context.Context, string) (core.Secret, error){
		"a user who gives up": answer("", core.ErrCancelled),
		"an empty one":        answer("", nil),
	} {
		other := again(s)
		other.Passphrase = ask
		if _, err := other.Load(t.Context(), keyOf("mine")); !errors.Is(err, core.ErrCancelled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.Passphrase = answer("correct horse", nil)
	want(t, again(s), "mine", token)
}

func answer(text string, err error) func(context.Context, string) (core.Secret, error) {
	return func(context.Context, string) (core.Secret, error) { return core.NewSecret(text), err }
}

func TestTwoPassphrasesThatDiffer(t *testing.T) {
	s := onPassphrase(t, "correct horse", "correct hoarse")
	wantError(t, s.Prepare(t.Context()), keyring.ErrDenied, "passphrase")
	if _, err := os.Stat(fileOf(s)); !os.IsNotExist(err) {
		t.Errorf("a file was sealed: %v", err)
	}
}

func TestAUserWhoDoesNotAnswer(t *testing.T) {
	s := onPassphrase(t)
	s.UnlockTimeout = 50 * time.Millisecond
	s.Passphrase = func(ctx context.Context, _ string) (core.Secret, error) {
		<-ctx.Done()
		return core.Secret{}, context.Cause(ctx)
	}
	wantError(t, s.Prepare(t.Context()), keyring.ErrLocked, "50ms")
	s.UnlockTimeout = 0
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if err := again(s).Prepare(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Prepare: %v", err)
	}
}

func TestACallerWhoGivesUpForAReason(t *testing.T) {
	s := onPassphrase(t)
	synctest.Test(t, func(t *testing.T) {
		never := make(chan struct{})
		defer close(never)
		s.Passphrase = func(context.Context, string) (core.Secret, error) {
			<-never
			return core.Secret{}, core.ErrCancelled
		}
		reason := errors.New("the shift is over")
		for _, waitingFor := range []string{"the answer", "the call that still waits for it"} {
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, reason)
			if err := s.Prepare(ctx); !errors.Is(err, reason) || errors.Is(err, keyring.ErrDenied) {
				t.Errorf("waiting for %s: %v", waitingFor, err)
			}
			cancel()
		}
	})
}

func TestKeyringsThatCannotBeUsed(t *testing.T) {
	for backend, part := range map[string]string{
		"kwallet":                   keyring.SecretService,
		"post-it":                   keyring.EncryptedFile,
		keyring.SecretService + "s": "no such keyring",
	} {
		s := newStore(t, nil)
		s.Keyrings = []string{backend}
		wantError(t, s.Prepare(t.Context()), keyring.ErrAbsent, part)
	}
	s := newStore(t, nil)
	s.Keyrings = []string{"kwallet", "post-it"}
	err := s.Prepare(t.Context())
	wantError(t, err, keyring.ErrAbsent, "kwallet", "post-it", keyring.EncryptedFile)
	s.Keyrings = []string{}
	wantError(t, s.Prepare(t.Context()), keyring.ErrAbsent)
}
