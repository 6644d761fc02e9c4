// Package authn holds the ways to log in to Taegis, one file each: [StaticToken] uses a token that
// is there already, [ClientCredentials] an OAuth client, [Interactive] asks a user and then the
// server which of the two ways for users it is to be, [DeviceCode] (single sign-on) or
// [Password]; and [CredentialProcess] uses what another program prints.
//
// Each is a [ports.Authenticator] whose zero value works, but for [CredentialProcess], which needs a program.
// None reads the disk or the process environment: all they know is in their fields and in the
// [core.LoginRequest].
package authn

import "github.com/taegis-go/taegis/ports"

// The names of the links; see [ports.Named].
const (
	nameStaticToken       = "access-token"
	nameClientCredentials = "client-credentials"
	nameInteractive       = "interactive"
	nameSSO               = "sso"
	namePassword          = "password"
	nameProcess           = "exec" // followed by a colon and the program's name
)

var _ = []interface {
	ports.Authenticator
	ports.Named
}{&StaticToken{}, &ClientCredentials{}, &Interactive{}, &DeviceCode{}, &Password{}, &CredentialProcess{}}
