package keyring

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/envvar"
	"github.com/taegis-go/taegis/internal/setting"
	"github.com/taegis-go/taegis/ports"
)

// The kinds of storage, for [Open]. [EncryptedFile] is one more: a [Store] with a passphrase.
const (
	Auto    = "auto"    // a [Store] with whatever keyring there is; never plain text
	Keyring = "keyring" // a [Store] with a keyring of the operating system
	File    = "file"    // a [tokenstore.File]: plain text that only its owner can read
	Memory  = "memory"  // a [tokenstore.Memory]
)

// Backends returns the names of all kinds of storage.
func Backends() []string { return []string{Auto, Keyring, EncryptedFile, File, Memory} }

// BackendVariable is the environment variable that names the kind of storage where nothing else does.
const BackendVariable = "TAEGIS_TOKEN_STORE"

// Open returns the store of that kind. It touches nothing yet:
//
//	store, err := keyring.Open("", &keyring.Store{Service: "acme-soc"})
//
// An empty kind means that of TAEGIS_TOKEN_STORE, or else [Auto]; a name that is none gives a
// [*core.StoreError], a variable that holds no path a [*core.SettingError]. What s says applies to sealed tokens, its Logger and Now to all; Open may
// change it. A plain file is that of TAEGIS_CONFIG_FILE or else [tokenstore.DefaultPath]. What is
// sealed with a passphrase has a file of its own beside the one that is sealed with a keyring.
//
// Auto takes the passphrase of TAEGIS_KEYRING_PASSPHRASE where there is no keyring. Where there
// is neither, the store fails with a [*core.StoreError] that wraps [ErrAbsent] and names the two
// choices: it never steps down to plain text. [Store.Prepare] tells that at once.
func Open(kind string, s *Store) (ports.TokenStore, error) {
	variables := envvar.Variables{Lookup: os.LookupEnv}
	if kind = setting.Text(kind); kind == "" {
		kind = variables.Text(BackendVariable)
	}
	switch kind {
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
		Store: "token store", Reason: fmt.Sprintf("there is no kind %q", kind), HintText: "use one of " + strings.Join(Backends(), ", "),
	}
}

// undecided leaves the choice to the user where tokens cannot be sealed and nobody has said
// where else they may rest.
func (s *Store) undecided(err error) error {
	absent, ok := errors.AsType[*core.StoreError](err)
	if !s.isAuto || !ok || !errors.Is(err, ErrAbsent) {
		return err
	}
	return &core.StoreError{
		Store: "token store", Reason: "tokens cannot be sealed here (" + absent.Store + ": " + absent.Reason + ")", Err: err,
		HintText: fmt.Sprintf("choose with `export %[1]s=%[2]s`, which asks for a passphrase, or with `export %[1]s=%[3]s`, which keeps them as plain text that only you can read",
			BackendVariable, EncryptedFile, File),
	}
}
