package servers_test

import (
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// way is how a client logs in, and who it is then.
type way struct {
	name          string
	authenticator ports.Authenticator
	older         bool
	who           string
	fusion        bool
}

// environment returns the environment of a server that the way is for.
func (w way) environment(e *env) core.Environment {
	if w.fusion {
		return e.fusion
	}
	return e.environment
}

var ways = []way{
	{"client credentials", theClient, false, clientID, false},
	{"password", &authn.Password{Username: plainUser}, false, plainUser, false},
	{"password, older endpoints", &authn.Password{Username: plainUser}, true, plainUser, false},
	{"password and code", &authn.Password{Username: mfaUser}, false, mfaUser, false},
	{"password and code, older endpoints", &authn.Password{Username: mfaUser}, true, mfaUser, false},
	{"device code", &authn.DeviceCode{}, false, ssoUser, false},
	{"device code, older endpoints", &authn.DeviceCode{}, true, ssoUser, false},
	{"user name, then the server's choice", &authn.Interactive{}, false, ssoUser, false},
	{"user name, then the server's choice, older endpoints", &authn.Interactive{}, true, ssoUser, false},
	{"client credentials of a tenant of fusion", fusionClient(emulator.DemoSophosClientID), false, "", true},
	{"client credentials of a partner of fusion", fusionClient(emulator.DemoSophosPartnerID), false, "", true},
	{"client credentials of an organization of fusion", fusionClient(emulator.DemoSophosOrganizationID), false, "", true},
}

var theClient = &authn.ClientCredentials{ID: clientID, Secret: core.NewSecret(clientSecret)}
