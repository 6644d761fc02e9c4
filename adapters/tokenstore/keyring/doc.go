// Package keyring keeps tokens in a file that is sealed with a key from the operating system's
// keyring:
//
//	client, err := taegis.New(taegis.WithTokenStore(&keyring.Store{Service: "acme-soc"}))
//
// The keyring holds 32 random bytes and the file holds the tokens, so the limits that keyrings
// set to the size of an item do not matter, and the user unlocks one item.
//
// # Program start on Linux
//
// On Linux, a program that imports this package has another environment while its packages are
// initialized: DBUS_SESSION_BUS_ADDRESS is "disabled:". When main starts, the environment is what
// it was before. The reason is 99designs/keyring, which this package links: its init connects to
// the session bus at every start. If no address is set, it starts a bus with dbus-launch that does
// not end with the program, and sets the variable to its address.
//
// This matters to two kinds of programs:
//
//   - A program that uses 99designs/keyring itself. That library then has neither its
//     secret-service nor its kwallet backend.
//   - A program that connects to the session bus, or starts a process that does, in an init
//     function or a package variable.
//
// Build such a program with a tag that leaves the environment alone:
//
//	go build -tags taegis_keyring_bus
package keyring

import (
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/ports"
)

var (
	_ ports.TokenStore          = (*Store)(nil)
	_ ports.TokenLister         = (*Store)(nil)
	_ tokenstore.CompareDeleter = (*Store)(nil)
)
