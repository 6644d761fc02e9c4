package keyring_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

func TestBackends(t *testing.T) {
	t.Setenv(keyring.PassphraseVariable, "correct horse")
	t.Setenv("TAEGIS_CONFIG_FILE", filepath.Join(t.TempDir(), "config"))
	want := map[string]string{
		keyring.Auto:          "*keyring.Store",
		keyring.Keyring:       "*keyring.Store",
		keyring.EncryptedFile: "*keyring.Store",
		keyring.File:          "*tokenstore.File",
		keyring.Memory:        "*tokenstore.Memory",
	}
	for _, backend := range keyring.Backends() {
		for _, fromVariable := range []bool{false, true} {
			given := backend
			t.Setenv(keyring.BackendVariable, "post-it")
			if fromVariable {
				given = ""
				t.Setenv(keyring.BackendVariable, backend)
			}
			s := newStore(t, &drawer{})
			if backend == keyring.EncryptedFile {
				s.KeyStore = nil
			}
			store, err := keyring.New(given, s)
			if err != nil || fmt.Sprintf("%T", store) != want[backend] {
				t.Errorf("%s: %T, %v", backend, store, err)
				continue
			}
			keep(t, store, "mine")
			_, isFile := store.(*tokenstore.File)
			if sealed := len(sealedFiles(t, s)) == 1; sealed != (want[backend] == "*keyring.Store") {
				t.Errorf("%s: sealed: %v, plain file: %v", backend, sealed, isFile)
			}
		}
	}
	_, err := keyring.New("post-it", newStore(t, nil))
	if _, ok := errors.AsType[*core.StoreError](err); !ok || core.Hint(err) == "" {
		t.Errorf("an unknown backend: %v", err)
	}
}

func sealedFiles(t *testing.T, s *keyring.Store) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(s.Dir, "*.sealed"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// noKeyrings leaves this machine without keyrings.
func noKeyrings(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:")
	t.Setenv("PATH", t.TempDir())
	t.Setenv(keyring.PassphraseVariable, "")
	t.Setenv(keyring.BackendVariable, "")
}

func TestAutoNeverStepsDownToPlainText(t *testing.T) {
	noKeyrings(t)
	s := newStore(t, nil)
	s.Keyrings = []string{keyring.SecretService, keyring.Pass}
	s.Passphrase = func(context.Context, string) (core.Secret, error) {
		t.Error("a user was asked for a passphrase")
		return core.Secret{}, core.ErrCancelled
	}
	store, err := keyring.New(keyring.Auto, s)
	if err != nil {
		t.Fatal(err)
	}
	_, err = store.Update(t.Context(), keyOf("mine"), noLogin(t))
	wantError(t, err, keyring.ErrAbsent, "export TAEGIS_TOKEN_STORE=encrypted-file", "export TAEGIS_TOKEN_STORE=file")
	t.Log(err)
	if len(sealedFiles(t, s)) != 0 {
		t.Error("a file was made")
	}
}

func TestAutoTakesAPassphraseThatIsThere(t *testing.T) {
	noKeyrings(t)
	t.Setenv(keyring.PassphraseVariable, "correct horse")
	s := newStore(t, nil)
	s.Keyrings = nil
	store, err := keyring.New("", s)
	if err != nil {
		t.Fatal(err)
	}
	sealed := store.(*keyring.Store)
	if last := sealed.Keyrings[len(sealed.Keyrings)-1]; last != keyring.EncryptedFile {
		t.Errorf("last comes %s", last)
	}
	// The machine may have other keyrings.
	sealed.Keyrings = []string{keyring.SecretService, keyring.EncryptedFile}
	token := keep(t, store, "mine")
	want(t, again(sealed), "mine", token)
}

func TestWhatIsSealedInTwoWaysHasTwoFiles(t *testing.T) {
	t.Setenv(keyring.PassphraseVariable, "correct horse")
	s := newStore(t, &drawer{})
	token := keep(t, s, "mine")
	other := newStore(t, nil)
	other.Dir = s.Dir
	store, err := keyring.New(keyring.EncryptedFile, other)
	if err != nil {
		t.Fatal(err)
	}
	second := keep(t, store, "mine")
	want(t, again(s), "mine", token)
	want(t, store, "mine", second)
	if len(sealedFiles(t, s)) != 2 {
		t.Errorf("files %v", sealedFiles(t, s))
	}
}

func TestMoveIntoASealedFileAndBack(t *testing.T) {
	plain := &tokenstore.File{Path: filepath.Join(t.TempDir(), "config"), Logger: newLogger(t.Output())}
	sealed := newStore(t, &drawer{})
	tokens := map[string]core.Token{}
	for _, client := range []string{"a", "b", "c"} {
		tokens[client] = keep(t, plain, client)
	}
	for _, c := range []struct {
		from tokenstore.Source
		to   ports.TokenStore
	}{{plain, sealed}, {sealed, plain}, {plain, sealed}} {
		if moved, err := tokenstore.Move(t.Context(), c.from, c.to); moved != 3 || err != nil {
			t.Errorf("moved %d: %v", moved, err)
		}
		for key, err := range c.from.List(t.Context()) {
			t.Errorf("left behind: %v, %v", key, err)
		}
		for client, token := range tokens {
			want(t, c.to, client, token)
		}
	}
	if moved, err := tokenstore.Move(t.Context(), sealed, again(sealed)); moved != 0 || err == nil {
		t.Errorf("moved %d to the same place: %v", moved, err)
	}
	for client, token := range tokens {
		want(t, sealed, client, token)
	}
}

// overtaken is a store in which another process stores a token just before one is cleared.
type overtaken struct {
	*keyring.Store
	store func()
}

func (o *overtaken) Delete(ctx context.Context, key core.TokenKey) error {
	o.store()
	return o.Store.Delete(ctx, key)
}

func (o *overtaken) CompareAndDelete(ctx context.Context, key core.TokenKey, old core.Token) (bool, error) {
	o.store()
	return o.Store.CompareAndDelete(ctx, key, old)
}

// A login of another account does not wait for the lock of the token that is being moved.
func TestATokenThatIsStoredAtTheMomentOfClearingIsMovedToo(t *testing.T) {
	from, to := newStore(t, &drawer{}), &tokenstore.Memory{}
	user, users := keyOf(""), mint("", time.Hour)
	user.Account, users.Account = core.AnyUserAccount, core.AnyUserAccount
	_, err := from.Update(t.Context(), user, func(context.Context, core.Token) (core.Token, error) { return users, nil })
	if err != nil {
		t.Fatal(err)
	}
	var clients core.Token
	logIn := sync.OnceFunc(func() { clients = keep(t, from, "mine") })
	if moved, err := tokenstore.Move(t.Context(), &overtaken{from, logIn}, to); moved != 2 || err != nil {
		t.Errorf("moved %d: %v", moved, err)
	}
	want(t, to, "mine", clients)
	if got, err := to.Load(t.Context(), user); err != nil || !got.AccessToken.Equal(users.AccessToken) {
		t.Errorf("the user's token: %v", err)
	}
	for key, err := range from.List(t.Context()) {
		t.Errorf("left behind: %v, %v", key, err)
	}
}

func TestAutoSaysThatAKeyringIsLocked(t *testing.T) {
	store, err := keyring.New(keyring.Auto, newStore(t, &drawer{err: keyring.ErrLocked}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Update(t.Context(), keyOf("mine"), noLogin(t)); !errors.Is(err, keyring.ErrLocked) {
		t.Errorf("Update: %v", err)
	}
}

// TestNewDoesNotChangeItsOptions checks that New copies every option and changes none.
func TestNewDoesNotChangeItsOptions(t *testing.T) {
	t.Setenv(keyring.PassphraseVariable, "correct horse")
	options := &keyring.Store{
		Service: "acme-soc", Keyrings: []string{keyring.Pass}, KeyStore: &drawer{}, Dir: t.TempDir(),
		Passphrase:     func(context.Context, string) (core.Secret, error) { return core.Secret{}, nil },
		NonInteractive: true, AnswerTimeout: time.Second, UnlockTimeout: time.Hour,
		Logger: newLogger(t.Output()), Now: time.Now,
	}
	before := exported(options)
	for name, value := range before {
		if reflect.ValueOf(value).IsZero() {
			t.Errorf("the test does not set %s", name)
		}
	}
	for _, backend := range keyring.Backends() {
		store, err := keyring.New(backend, options)
		if err != nil {
			t.Fatal(err)
		}
		if got := exported(options); fmt.Sprint(got) != fmt.Sprint(before) {
			t.Errorf("%s: the options are %v, want %v", backend, got, before)
		}
		if backend != keyring.Auto && backend != keyring.Keyring {
			continue
		}
		if got := exported(store.(*keyring.Store)); fmt.Sprint(got) != fmt.Sprint(before) {
			t.Errorf("%s: the store has %v, want %v", backend, got, before)
		}
	}
	if store, err := keyring.New(keyring.Keyring, nil); err != nil || store == nil {
		t.Errorf("without options: %v, %v", store, err)
	}
}

// exported returns the exported fields of a store.
func exported(s *keyring.Store) map[string]any {
	fields := map[string]any{}
	v := reflect.ValueOf(s).Elem()
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() {
			fields[f.Name] = v.Field(i).Interface()
		}
	}
	return fields
}
