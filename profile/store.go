package profile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/ports"
)

// DefaultBackend is the backend that stores tokens by default: the file that is shared with the
// Python SDK.
const DefaultBackend = keyring.File

// Backends returns the valid values of [Profile].TokenStore and TAEGIS_TOKEN_STORE, which are those
// of [keyring.Backends].
func Backends() []string { return keyring.Backends() }

// newStore returns the token store of a backend; nil for the shared file, which is the client's
// default.
func newStore(name string, c Overrides) (ports.TokenStore, error) {
	switch {
	case name == "", name == DefaultBackend:
		return nil, nil //nolint:nilnil // the client makes this store
	case !slices.Contains(Backends(), name):
		return nil, &UnknownBackendError{Name: name}
	}
	return keyring.New(name, &keyring.Store{Passphrase: c.Prompt.AskSecret, NonInteractive: c.NonInteractive, Logger: c.Logger})
}

// UnknownBackendError is returned for a token store that is not one of [Backends].
type UnknownBackendError struct{ Name string }

func (e *UnknownBackendError) Error() string {
	text := fmt.Sprintf("unknown token store %q: ", e.Name)
	if near := nearest(e.Name, Backends()); near != "" {
		return text + "did you mean " + near + "?"
	}
	return text + "use one of " + strings.Join(Backends(), ", ")
}
