package emulator

import (
	"crypto/subtle"
	"net/http"
	"strings"
)

// Paths of the current and the legacy login endpoints.
const (
	pathClientToken   = "/auth/api/v2/auth/token" // legacy: passwords too
	pathToken         = "/universal-auth/token"
	pathUserLogin     = "/auth/userLogin"
	pathUsername      = "/auth/username"
	pathDeviceCode    = "/universal-auth/device/code/auth"
	pathDeviceToken   = "/universal-auth/device/code/token"
	pathDeviceCodeV1  = "/auth/device/code/auth"
	pathDeviceTokenV1 = "/auth/device/code/token"
	pathDevicePage    = "/device"
)

func (e *Emulator) loginRoutes() map[string]endpoint {
	both := func(*Config) bool { return true }
	current := func(c *Config) bool { return c.Endpoints != EndpointsLegacy }
	legacy := func(c *Config) bool { return c.Endpoints != EndpointsCurrent }
	return map[string]endpoint{
		pathClientToken:   post(both, (*exchange).clientToken),
		pathToken:         post(current, (*exchange).passwordToken),
		pathUserLogin:     post(func(c *Config) bool { return current(c) && !c.NoUserLogin }, (*exchange).userLogin),
		pathUsername:      post(func(c *Config) bool { return legacy(c) && !c.NoUserLogin }, (*exchange).userLogin),
		pathDeviceCode:    post(current, (*exchange).deviceCode),
		pathDeviceToken:   post(current, (*exchange).deviceToken),
		pathDeviceCodeV1:  post(legacy, (*exchange).deviceCode),
		pathDeviceTokenV1: post(legacy, (*exchange).deviceToken),
		pathDevicePage:    (*exchange).devicePage,
		pathPresigned:     (*exchange).serveFile,
		pathSigner:        post(both, (*exchange).signLog),
		pathAssetsVersion: (*exchange).assetsVersion,
	}
}

// post returns an endpoint for POST requests that exists if the configuration says so.
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

// clientToken logs in a client, or with legacy endpoints a user too.
func (x *exchange) clientToken() {
	params, err := x.params()
	switch grant := params["grant_type"]; {
	case err != nil:
		x.oauthError(http.StatusBadRequest, "invalid_request", err.Error())
	case grant == "client_credentials":
		x.clientCredentials(params)
	case x.config.Endpoints != EndpointsCurrent && (grant == "password" || grant == grantMFA):
		x.passwordToken()
	default:
		x.oauthError(http.StatusBadRequest, "unsupported_grant_type", "grant_type must be client_credentials")
	}
}

func (x *exchange) clientCredentials(params map[string]string) {
	id, secret, ok := x.basic()
	if !ok {
		id, secret = params["client_id"], params["client_secret"]
	}
	o, ok := x.e.clients.authenticate(id, secret, x.config.Now())
	if !ok {
		x.w.Header().Set("WWW-Authenticate", `Basic realm="taegis"`) // RFC 6749, section 5.2
		x.oauthError(http.StatusUnauthorized, "invalid_client", "unknown client or wrong secret")
		return
	}
	x.grant(o)
}

// userLogin returns the login method of a user. The response for an unknown user is that of a user
// with a password, so that the response does not reveal which users exist.
func (x *exchange) userLogin() {
	params, err := x.params()
	if err != nil || params["username"] == "" {
		x.oauthError(http.StatusBadRequest, "invalid_request", "username is missing")
		return
	}
	method := "username-password"
	if user, ok := x.config.user(params["username"]); ok && user.SSO {
		method = "sso"
	}
	x.json(http.StatusOK, map[string]string{"login_type": method})
}

// passwordToken accepts a password, or the code of a second factor.
func (x *exchange) passwordToken() {
	params, err := x.params()
	switch {
	case err != nil:
		x.oauthError(http.StatusBadRequest, "invalid_request", err.Error())
	case params["grant_type"] == "password":
		x.password(params["username"], params["password"])
	case params["grant_type"] == grantMFA:
		x.secondFactor(params["mfa_token"], params["otp"])
	default:
		x.oauthError(http.StatusBadRequest, "unsupported_grant_type", "grant_type must be password or "+grantMFA)
	}
}

func (x *exchange) password(name, password string) {
	user, ok := x.config.user(name)
	if !ok || user.SSO || user.Password == "" || !same(user.Password, password) {
		x.oauthError(http.StatusForbidden, "invalid_grant", "wrong user name or password")
		return
	}
	if len(user.MFACodes) == 0 {
		x.grant(user.owner())
		return
	}
	response := map[string]string{"mfa_token": x.e.mfa.open(user.Name)}
	if x.config.MFAStatus != http.StatusOK {
		response["error"], response["error_description"] = "mfa_required", "Multifactor authentication required"
	}
	x.json(x.config.MFAStatus, response)
}

// user returns the user with that name.
func (c *Config) user(name string) (User, bool) {
	for _, u := range c.Users {
		if strings.EqualFold(u.Name, name) {
			return u, true
		}
	}
	return User{}, false
}

// tokenOwner returns the user with that name as the owner of tokens.
func (c *Config) tokenOwner(name string) (owner, bool) {
	u, ok := c.user(name)
	return u.owner(), ok
}

func (u User) owner() owner { return owner{user: u.Name, tenant: u.Tenant} }

// same compares secrets in constant time.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
