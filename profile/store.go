package profile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/ports"
)

// StoreFile is the place for tokens that is taken where nobody has chosen: the file that is
// shared with the Python SDK.
const StoreFile = keyring.PlainFile

// Stores returns the places for tokens that there are, for Profile.TokenStore and
// TAEGIS_TOKEN_STORE: those of [keyring.Kinds].
func Stores() []string { return keyring.Kinds() }

// openStore returns a place for tokens; nil for the shared file, which the client opens by itself.
func openStore(name string, c Choice) (ports.TokenStore, error) {
	switch {
	case name == "", name == StoreFile:
		return nil, nil //nolint:nilnil // the client has it
	case !slices.Contains(Stores(), name):
		return nil, &StoreError{Name: name}
	}
	return keyring.Open(name, &keyring.Store{Passphrase: c.Prompt.AskSecret, NoInput: c.NoInput, Logger: c.Logger})
}

// StoreError is returned for a place for tokens that there is not.
type StoreError struct{ Name string }

func (e *StoreError) Error() string {
	text := fmt.Sprintf("there is no token store %q: ", e.Name)
	if near := nearest(e.Name, Stores()); near != "" {
		return text + "did you mean " + near + "?"
	}
	return text + "use one of " + strings.Join(Stores(), ", ")
}
