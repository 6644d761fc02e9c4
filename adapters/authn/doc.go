// Package authn holds the ways to sign in to Taegis, one file each: [Static] uses a token that
// is there already, [ClientCredentials] an OAuth client, [UserLogin] asks a person and then the
// server which of the two ways for people it is to be, [DeviceCode] (single sign-on) or
// [Password]; and [Exec] uses what another program prints.
//
// Each is a [ports.Authenticator] whose zero value works, but for [Exec], which needs a program.
// None reads the disk or the process environment: all they know is in their fields and in the
// [core.LoginRequest].
package authn

import "github.com/taegis-go/taegis/ports"

// The names of the links; see [ports.Named].
const (
	linkStatic            = "static"
	linkClientCredentials = "client-credentials"
	linkUser              = "user"
	linkSSO               = "sso"
	linkPassword          = "password"
	linkExec              = "exec" // followed by a colon and the program's name
)

var _ = []interface {
	ports.Authenticator
	ports.Named
}{&Static{}, &ClientCredentials{}, &UserLogin{}, &DeviceCode{}, &Password{}, &Exec{}}
