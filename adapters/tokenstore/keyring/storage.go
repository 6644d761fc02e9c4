package keyring

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/envvar"
	"github.com/taegis-go/taegis/internal/setting"
	"github.com/taegis-go/taegis/ports"
)

// Backends of token stores, for [New]. [EncryptedFile] is one more.
const (
	Auto    = "auto"    // a [Store] with any available keyring; never plain text
	Keyring = "keyring" // a [Store] with a keyring of the operating system
	File    = "file"    // a [tokenstore.File]: plain text that only its owner can read
	Memory  = "memory"  // a [tokenstore.Memory]
)

// Backends returns the names of all backends.
func Backends() []string { return []string{Auto, Keyring, EncryptedFile, File, Memory} }

// BackendVariable is the environment variable that names the backend if [New] gets no name.
const BackendVariable = "TAEGIS_TOKEN_STORE"

// New returns a token store with the given backend, one of [Backends]. An empty name means that
// of TAEGIS_TOKEN_STORE, or else [Auto]:
//
//	store, err := keyring.New(keyring.Auto, &keyring.Store{Service: "acme-soc"})
//
// The options apply to sealed tokens; Logger and Now apply to all backends. New copies them and
// does not change them. Nil means the zero Store.
//
// [File] uses the file of TAEGIS_CONFIG_FILE or else [tokenstore.DefaultPath]. [EncryptedFile] has
// a sealed file of its own. [Auto] uses the passphrase of TAEGIS_KEYRING_PASSPHRASE if there is no
// keyring. If there is neither, the store's methods return a [*core.StoreError] that wraps
// [ErrAbsent] and names the choices; [Store.Prepare] returns it early. Auto never stores plain
// text.
//
// New does not read or write anything. It returns a [*core.StoreError] for an unknown backend, and
// a [*core.SettingError] if TAEGIS_CONFIG_FILE is not a path.
func New(backend string, options *Store) (ports.TokenStore, error) {
	variables := envvar.Variables{Lookup: os.LookupEnv}
	if backend = setting.Text(backend); backend == "" {
		backend = variables.Text(BackendVariable)
	}
	s := options.copy()
	switch backend {
	case "", Auto:
		s.isAuto = true
		if s.Keyrings == nil && os.Getenv(PassphraseVariable) != "" {
			s.Keyrings = append(DefaultKeyrings(), EncryptedFile)
		}
		return s, nil
	case Keyring:
		return s, nil
	case EncryptedFile:
		s.Keyrings, s.Service = []string{EncryptedFile}, s.name()+"-encrypted"
		return s, nil
	case File:
		path, err := variables.Path("TAEGIS_CONFIG_FILE")
		if err != nil {
			return nil, err
		}
		return &tokenstore.File{Path: path, Logger: s.Logger, Now: s.Now}, nil
	case Memory:
		return &tokenstore.Memory{Now: s.Now}, nil
	}
	return nil, &core.StoreError{
		Store: "token store", Reason: fmt.Sprintf("unknown backend %q", backend),
		HintText: "use one of " + strings.Join(Backends(), ", "),
	}
}

// copy returns a new store with the options of s.
func (s *Store) copy() *Store {
	if s == nil {
		return &Store{}
	}
	return &Store{
		Service: s.Service, Keyrings: slices.Clone(s.Keyrings), KeyStore: s.KeyStore, Dir: s.Dir,
		Passphrase: s.Passphrase, NonInteractive: s.NonInteractive,
		AnswerTimeout: s.AnswerTimeout, UnlockTimeout: s.UnlockTimeout,
		Logger: s.Logger, Now: s.Now,
	}
}

// undecided returns an error with the user's choices if [Auto] finds no keyring.
func (s *Store) undecided(err error) error {
	absent, ok := errors.AsType[*core.StoreError](err)
	if !s.isAuto || !ok || !errors.Is(err, ErrAbsent) {
		return err
	}
	return &core.StoreError{
		Store: "token store", Err: err,
		Reason: "tokens cannot be sealed here (" + absent.Store + ": " + absent.Reason + ")",
		HintText: fmt.Sprintf("choose with `export %[1]s=%[2]s`, which asks for a passphrase, "+
			"or with `export %[1]s=%[3]s`, which stores plain text that only you can read",
			BackendVariable, EncryptedFile, File),
	}
}
