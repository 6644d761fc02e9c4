package emulator

import (
	"crypto/subtle"
	"net/http"
	"strings"
)

// Paths of the sign-in endpoints, newer and older.
const (
	pathClientToken   = "/auth/api/v2/auth/token" // older: passwords too
	pathToken         = "/universal-auth/token"
	pathUserLogin     = "/auth/userLogin"
	pathUsername      = "/auth/username"
	pathDeviceCode    = "/universal-auth/device/code/auth"
	pathDeviceToken   = "/universal-auth/device/code/token"
	pathDeviceCodeV1  = "/auth/device/code/auth"
	pathDeviceTokenV1 = "/auth/device/code/token"
	pathDevicePage    = "/device"
)

func (e *Emulator) signInRoutes() map[string]endpoint {
	both := func(*Config) bool { return true }
	newer := func(c *Config) bool { return c.Endpoints != OlderOnly }
	older := func(c *Config) bool { return c.Endpoints != NewerOnly }
	return map[string]endpoint{
		pathClientToken:   post(both, (*exchange).clientToken),
		pathToken:         post(newer, (*exchange).passwordToken),
		pathUserLogin:     post(func(c *Config) bool { return newer(c) && !c.NoUserLogin }, (*exchange).userLogin),
		pathUsername:      post(func(c *Config) bool { return older(c) && !c.NoUserLogin }, (*exchange).userLogin),
		pathDeviceCode:    post(newer, (*exchange).deviceCode),
		pathDeviceToken:   post(newer, (*exchange).deviceToken),
		pathDeviceCodeV1:  post(older, (*exchange).deviceCode),
		pathDeviceTokenV1: post(older, (*exchange).deviceToken),
		pathDevicePage:    (*exchange).devicePage,
	}
}

// post is an endpoint that takes POST, where the configuration has it at all.
func post(exists func(*Config) bool, serve endpoint) endpoint {
	return func(x *exchange) {
		switch {
		case !exists(x.config):
			x.json(http.StatusNotFound, map[string]string{"message": "Not Found"})
		case x.r.Method != http.MethodPost:
			x.w.Header().Set("Allow", http.MethodPost)
			x.json(http.StatusMethodNotAllowed, map[string]string{"message": "Method Not Allowed"})
		default:
			serve(x)
		}
	}
}

// clientToken signs a client in, and on older platforms a person too.
func (x *exchange) clientToken() {
	params, err := x.params()
	switch grant := params["grant_type"]; {
	case err != nil:
		x.refuse(http.StatusBadRequest, "invalid_request", err.Error())
	case grant == "client_credentials":
		x.clientCredentials(params)
	case x.config.Endpoints != NewerOnly && (grant == "password" || grant == grantMFA):
		x.passwordToken()
	default:
		x.refuse(http.StatusBadRequest, "unsupported_grant_type", "grant_type must be client_credentials")
	}
}

func (x *exchange) clientCredentials(params map[string]string) {
	id, secret, ok := x.basic()
	if !ok {
		id, secret = params["client_id"], params["client_secret"]
	}
	o, ok := x.e.clients.signIn(id, secret, x.config.Now())
	if !ok {
		x.refuse(http.StatusUnauthorized, "invalid_client", "unknown client or wrong secret")
		return
	}
	x.grant(o)
}

// userLogin tells which way a person signs in. Of a stranger it says what it says of most, so
// that names cannot be probed.
func (x *exchange) userLogin() {
	params, err := x.params()
	if err != nil || params["username"] == "" {
		x.refuse(http.StatusBadRequest, "invalid_request", "username is missing")
		return
	}
	way := "username-password"
	if user, ok := x.config.user(params["username"]); ok && user.SSO {
		way = "sso"
	}
	x.json(http.StatusOK, map[string]string{"login_type": way})
}

// passwordToken takes a password, or the code of a second factor.
func (x *exchange) passwordToken() {
	params, err := x.params()
	switch {
	case err != nil:
		x.refuse(http.StatusBadRequest, "invalid_request", err.Error())
	case params["grant_type"] == "password":
		x.password(params["username"], params["password"])
	case params["grant_type"] == grantMFA:
		x.secondFactor(params["mfa_token"], params["otp"])
	default:
		x.refuse(http.StatusBadRequest, "unsupported_grant_type", "grant_type must be password or "+grantMFA)
	}
}

func (x *exchange) password(name, password string) {
	user, ok := x.config.user(name)
	if !ok || user.SSO || user.Password == "" || !same(user.Password, password) {
		x.refuse(http.StatusForbidden, "invalid_grant", "wrong user name or password")
		return
	}
	if len(user.MFACodes) == 0 {
		x.grant(user.owner())
		return
	}
	answer := map[string]string{"mfa_token": x.e.mfa.open(user.Name)}
	if x.config.MFAStatus != http.StatusOK {
		answer["error"], answer["error_description"] = "mfa_required", "Multifactor authentication required"
	}
	x.json(x.config.MFAStatus, answer)
}

// user finds a person by name.
func (c *Config) user(name string) (User, bool) {
	for _, u := range c.Users {
		if strings.EqualFold(u.Name, name) {
			return u, true
		}
	}
	return User{}, false
}

// person finds a person by name as the owner of tokens.
func (c *Config) person(name string) (owner, bool) {
	u, ok := c.user(name)
	return u.owner(), ok
}

func (u User) owner() owner { return owner{user: u.Name, tenant: u.Tenant} }

// same compares secrets.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
