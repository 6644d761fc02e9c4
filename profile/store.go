package profile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/ports"
)

// DefaultBackend is the place for tokens that is taken where nobody has chosen: the file that is
// shared with the Python SDK.
const DefaultBackend = keyring.File

// Backends returns the places for tokens that there are, for Profile.TokenStore and
// TAEGIS_TOKEN_STORE: those of [keyring.Backends].
func Backends() []string { return keyring.Backends() }

// openStore returns a place for tokens; nil for the shared file, which the client opens by itself.
func openStore(name string, c Overrides) (ports.TokenStore, error) {
	switch {
	case name == "", name == DefaultBackend:
		return nil, nil //nolint:nilnil // the client has it
	case !slices.Contains(Backends(), name):
		return nil, &UnknownBackendError{Name: name}
	}
	return keyring.Open(name, &keyring.Store{Passphrase: c.Prompt.AskSecret, NonInteractive: c.NonInteractive, Logger: c.Logger})
}

// UnknownBackendError is returned for a place for tokens that there is not.
type UnknownBackendError struct{ Name string }

func (e *UnknownBackendError) Error() string {
	text := fmt.Sprintf("there is no token store %q: ", e.Name)
	if near := nearest(e.Name, Backends()); near != "" {
		return text + "did you mean " + near + "?"
	}
	return text + "use one of " + strings.Join(Backends(), ", ")
}
