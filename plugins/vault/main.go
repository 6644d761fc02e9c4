// Vault is a plugin that keeps client credentials in HashiCorp Vault: in a secret of a KV version
// 2 mount, under the keys client_id and client_secret. It logs in to Vault with a token
// (VAULT_TOKEN) or as an AppRole (the setting role_id, and VAULT_SECRET_ID).
package main

import (
	"cmp"
	"context"

	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/ports"
)

func main() { plugins.Serve(&Client{}) }

// What the plugin looks up. The variables are those of Vault's own programs.
const (
	settingPath      = "path"          // of the secret below its mount; taegis/ENVIRONMENT if it is not set
	settingMount     = "mount"         // of the KV engine, "secret" if it is not set
	settingRole      = "role_id"       // of the AppRole
	settingRoleMount = "approle_mount" // of the AppRole method, "approle" if it is not set
	settingAddress   = "VAULT_ADDR"
	settingToken     = "VAULT_TOKEN"
	settingSecretID  = "VAULT_SECRET_ID"
	settingNamespace = "VAULT_NAMESPACE" // of Vault Enterprise
)

// Client logs in with an OAuth client that Vault keeps.
type Client struct{}

var _ ports.Authenticator = (*Client)(nil)

// Requirements says what the plugin looks up.
func (*Client) Requirements() plugins.Requirements {
	return plugins.Requirements{
		Settings: []string{settingPath, settingMount, settingRole, settingRoleMount},
		Env:      []string{settingAddress, settingToken, settingSecretID, settingNamespace},
	}
}

// Account says whether the plugin can try. Whose token it is, only Vault knows.
func (*Client) Account(_ context.Context, req core.LoginRequest) (core.Account, error) {
	_, hasToken := req.Setting(settingToken)
	_, hasRole := req.Setting(settingRole)
	_, hasSecret := req.Setting(settingSecretID)
	switch _, hasAddress := req.Setting(settingAddress); {
	case !hasAddress:
		return "", &core.UnavailableError{Reason: settingAddress + " is not set", HintText: "set it to Vault's address, and let the plugin see it"}
	case !hasToken && !hasRole:
		return "", &core.UnavailableError{
			Reason:   "neither " + settingToken + " nor the setting " + settingRole + " is there",
			HintText: "set one of them, and let the plugin see " + settingToken,
		}
	case !hasToken && !hasSecret:
		return "", &core.LoginError{Reason: settingRole + " is set but " + settingSecretID + " is not", HintText: "set it, and let the plugin see it"}
	}
	return "", nil
}

// Authenticate reads the client from Vault and exchanges it for a token.
func (*Client) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	look := func(name, otherwise string) string {
		s, _ := req.Setting(name)
		return cmp.Or(s.Value.Reveal(), otherwise)
	}
	v, err := newVault(look(settingAddress, ""), look(settingNamespace, ""), req.Client())
	if err != nil {
		return core.Token{}, err
	}
	if v.token = look(settingToken, ""); v.token == "" {
		if err := v.logIn(ctx, look(settingRoleMount, "approle"), look(settingRole, ""), look(settingSecretID, "")); err != nil {
			return core.Token{}, err
		}
		defer v.logOut(ctx)
	}
	path := look(settingPath, "taegis/"+req.Environment.Name)
	secret, err := v.read(ctx, look(settingMount, "secret"), path)
	if err != nil {
		return core.Token{}, err
	}
	id, code := secret["client_id"], secret["client_secret"]
	if id == "" || code == "" {
		return core.Token{}, &core.LoginError{Reason: path + " holds no client", HintText: "give it the keys client_id and client_secret"}
	}
	return (&authn.ClientCredentials{ID: id, Secret: core.NewSecret(code)}).Authenticate(ctx, req)
}
