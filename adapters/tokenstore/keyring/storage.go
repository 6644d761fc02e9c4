package keyring

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// The kinds of storage, for [Open].
const (
	Auto      = "auto"    // Sealed, with whatever keyring there is; never plain text
	Sealed    = "keyring" // a [Store] with a keyring of the operating system
	PlainFile = "file"    // a [tokenstore.File]: plain text that only its owner can read
	Memory    = "memory"  // a [tokenstore.Memory]
	// EncryptedFile is a kind too: a [Store] with a passphrase.
)

// Kinds returns the names of all kinds of storage.
func Kinds() []string { return []string{Auto, Sealed, EncryptedFile, PlainFile, Memory} }

// KindVariable is the environment variable that names the kind of storage where a program does not.
const KindVariable = "TAEGIS_TOKEN_STORAGE"

// Open returns the store of that kind:
//
//	store, err := keyring.Open(ctx, keyring.Auto, &keyring.Store{Service: "acme-soc"})
//
// An empty kind means that of TAEGIS_TOKEN_STORAGE, or else [Auto]. What s says applies to
// sealed tokens, its Logger and Now to all. A plain file is that of TAEGIS_CONFIG_FILE or else
// [tokenstore.DefaultPath].
//
// Auto makes sure that tokens can be sealed before it returns. Where there is no keyring it
// takes the passphrase of TAEGIS_KEYRING_PASSPHRASE, and where there is none it fails with an
// error that wraps [ErrAbsent] and names the choices: it never steps down to plain text.
func Open(ctx context.Context, kind string, s *Store) (ports.TokenStore, error) {
	if kind == "" {
		kind = os.Getenv(KindVariable)
	}
	switch kind {
	case "", Auto:
		return s.auto(ctx)
	case Sealed:
		return s, nil
	case EncryptedFile:
		s.Backends = []string{EncryptedFile}
		return s, nil
	case PlainFile:
		return &tokenstore.File{Path: os.Getenv("TAEGIS_CONFIG_FILE"), Logger: s.Logger, Now: s.Now}, nil
	case Memory:
		return &tokenstore.Memory{Now: s.Now}, nil
	}
	return nil, &core.StoreError{
		Where: "token storage", Reason: fmt.Sprintf("there is no kind %q", kind), Remedy: "use one of " + strings.Join(Kinds(), ", "),
	}
}

func (s *Store) auto(ctx context.Context) (ports.TokenStore, error) {
	if s.Backends == nil && s.Keeper == nil {
		s.Backends = DefaultBackends()
		if os.Getenv(PassphraseVariable) != "" || s.sealedWith() == EncryptedFile {
			s.Backends = append(s.Backends, EncryptedFile)
		}
	}
	err := s.Prepare(ctx)
	if err == nil {
		return s, nil
	}
	absent, ok := errors.AsType[*core.StoreError](err)
	if !ok || !errors.Is(err, ErrAbsent) {
		return nil, err
	}
	return nil, &core.StoreError{
		Where: "token storage", Reason: "tokens cannot be sealed here (" + absent.Where + ": " + absent.Reason + ")", Err: err,
		Remedy: fmt.Sprintf("choose with `export %[1]s=%[2]s`, which asks for a passphrase, or with `export %[1]s=%[3]s`, which keeps tokens as plain text that only you can read",
			KindVariable, EncryptedFile, PlainFile),
	}
}

// sealedWith returns the keyring whose key seals the file, "" where that is not known.
func (s *Store) sealedWith() string {
	p, err := s.place()
	if err != nil {
		return ""
	}
	data, err := p.read()
	if err != nil {
		return ""
	}
	h, _, _, _ := split(data) //nolint:dogsled // what is wrong with it is found later
	return h.backend
}
