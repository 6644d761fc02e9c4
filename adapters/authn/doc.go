// Package authn logs in to Taegis. It provides the SDK's authenticators:
//
//   - [StaticToken] uses an existing access token,
//   - [ClientCredentials] logs in as an OAuth client,
//   - [DeviceCode] logs a user in by single sign-on, in a browser,
//   - [Password] logs a user in by user name, password and MFA code,
//   - [Interactive] asks the server which of these two applies to a user,
//   - [CredentialProcess] runs a program that prints a token or client credentials.
//
// A client tries them in the given order, until one is available:
//
//	client, err := taegis.New(taegis.WithAuthenticators(
//		&authn.ClientCredentials{ID: id, Secret: core.NewSecret(secret)},
//		&authn.Interactive{},
//	))
//
// Each is a [ports.Authenticator]. Its zero value is ready to use, except that [CredentialProcess]
// needs a Command. Authenticators read neither files nor the process environment: their input is
// their fields and the [core.LoginRequest]. The endpoints are described in
// docs/protocol.md#logging-in.
package authn

import "github.com/taegis-go/taegis/ports"

// The names of the authenticators, see [ports.Named].
const (
	nameStaticToken       = "access-token"
	nameClientCredentials = "client-credentials"
	nameInteractive       = "interactive"
	nameSSO               = "sso"
	namePassword          = "password"
	nameProcess           = "exec" // followed by ":" and the name
)

var _ = []interface {
	ports.Authenticator
	ports.Named
}{&StaticToken{}, &ClientCredentials{}, &Interactive{}, &DeviceCode{}, &Password{}, &CredentialProcess{}}
