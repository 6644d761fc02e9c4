package keyring

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/taegis-go/taegis/core"
)

// The keyrings of operating systems, for [Store.Keyrings].
const (
	SecretService = "secret-service" // GNOME Keyring, KWallet, KeePassXC and others, over D-Bus
	Keychain      = "keychain"       // macOS; only in programs that are built with cgo
	WinCred       = "wincred"        // Windows Credential Manager
	Pass          = "pass"           // the password store, with GnuPG
	KeyCtl        = "keyctl"         // the Linux kernel; keys are lost with a restart or before
	EncryptedFile = "encrypted-file" // a file that is encrypted with a passphrase; works everywhere
)

// DefaultKeyrings returns the keyrings that a [Store] tries if its Keyrings are nil: all keyrings
// of this platform except [EncryptedFile].
func DefaultKeyrings() []string { return slices.Clone(offered) }

// newKeyStore returns the keyring of that name. Nothing is opened yet.
func (s *Store) newKeyStore(backend string) (KeyStore, error) {
	known := append(DefaultKeyrings(), EncryptedFile)
	switch {
	case backend == "kwallet":
		return nil, trouble(ErrAbsent, backend, "KWallet is used through "+SecretService, fmt.Sprintf("allow %q", SecretService), nil)
	case !slices.Contains(known, backend):
		return nil, trouble(ErrAbsent, backend, "there is no such keyring on this platform", "use one of "+strings.Join(known, ", "), nil)
	case backend == SecretService:
		return s.newSecretService(), nil
	case backend == Pass:
		return s.newPass()
	}
	l, err := s.newLibrary(backend)
	if err != nil {
		return nil, err // returning l here would make a non-nil interface
	}
	return l, nil
}

// nowhere returns the error for a key that no keyring stores, with the reason of each keyring.
func nowhere(absent []error) error {
	if len(absent) == 1 {
		return absent[0]
	}
	var reasons []string
	for _, err := range absent {
		if e, ok := errors.AsType[*core.StoreError](err); ok {
			reasons = append(reasons, strings.TrimPrefix(e.Store, "keyring ")+": "+e.Reason)
		}
	}
	return trouble(ErrAbsent, "of any kind", "none can be used; "+strings.Join(reasons, "; "),
		fmt.Sprintf("start or install one of them, or allow %q, which asks for a passphrase", EncryptedFile), errors.Join(absent...))
}

// The default limits of time.
const (
	answerTimeout = 3 * time.Second
	unlockTimeout = time.Minute
)

func (s *Store) answerTimeout() time.Duration {
	if s.AnswerTimeout > 0 {
		return s.AnswerTimeout
	}
	return answerTimeout
}

func (s *Store) unlockTimeout() time.Duration {
	if s.UnlockTimeout > 0 {
		return s.UnlockTimeout
	}
	return unlockTimeout
}
