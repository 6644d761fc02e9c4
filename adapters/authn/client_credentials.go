package authn

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/setting"
)

// The endpoints for client credentials. That of Taegis is also the legacy one for passwords.
const (
	tokenPath       = "/auth/api/v2/auth/token"
	fusionTokenPath = "/api/v2/oauth2/token"
)

// AuthStyle is the encoding of client id and secret in the token request. After a denied request
// the SDK does not try another style.
type AuthStyle string

// The styles that the service accepts; the empty AuthStyle means AuthStyleBasicForm. See
// docs/protocol.md#client-credentials.
const (
	AuthStyleBasicForm AuthStyle = "basic-form" // Authorization: Basic, and a form with the grant type
	AuthStyleBasicJSON AuthStyle = "basic-json" // Authorization: Basic, and JSON with the grant type
	AuthStyleBodyForm  AuthStyle = "body-form"  // all in a form
	AuthStyleBodyJSON  AuthStyle = "body-json"  // all in JSON
)

// ClientCredentials logs in as an OAuth client (RFC 6749, section 4.4). A client of Taegis is valid
// for one tenant and one region, one of fusion for a tenant, a partner or an organization. The
// services issue no refresh tokens. See docs/protocol.md#client-credentials and
// docs/protocol.md#client-credentials-of-the-successor.
type ClientCredentials struct {
	// ID and Secret are the client's credentials. If a field is empty, the setting CLIENT_ID or
	// CLIENT_SECRET is used, on fusion SOPHOS_CLIENT_ID or SOPHOS_CLIENT_SECRET. Both fields are
	// ignored if a call chooses an environment of another platform than the client's own. White
	// space, invisible characters and quotes around a value are removed. A value with a control
	// character is rejected.
	ID     string
	Secret core.Secret
	// AuthStyle is the encoding of both; empty means [AuthStyleBasicForm]. Fusion has one encoding
	// only, to which AuthStyle does not apply.
	AuthStyle AuthStyle
}

// Name returns "client-credentials".
func (c *ClientCredentials) Name() string { return nameClientCredentials }

// Account returns the account of the client id. If neither id nor secret is set, Account returns a
// [*core.UnavailableError]; if one of them is missing or invalid, or the AuthStyle is unknown, a
// [*core.LoginError].
func (c *ClientCredentials) Account(_ context.Context, req core.LoginRequest) (core.Account, error) {
	client, err := c.resolve(req)
	if client.id.value == "" {
		return "", err
	}
	return core.ClientAccount(req.Environment.AuthHost(), client.id.value), err
}

// Authenticate requests a token. It repeats the request within the retry limits if no answer
// arrives or the status is 408, 429 or 5xx. Its errors are those of Account, and a
// [*core.LoginError]. The LoginError wraps [core.ErrDenied] after 400, 401 or 403, and a
// [*core.ConnectionError] if no answer arrived.
func (c *ClientCredentials) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	client, err := c.resolve(req)
	if err != nil {
		return core.Token{}, err
	}
	t, err := loginWire{req, nameClientCredentials}.exchange(ctx, client, c.AuthStyle)
	if err != nil {
		return core.Token{}, err
	}
	t.Account = core.ClientAccount(req.Environment.AuthHost(), client.id.value)
	return t, nil
}

// exchange requests a token for a client.
func (w loginWire) exchange(ctx context.Context, c client, s AuthStyle) (core.Token, error) {
	path, request := tokenPath, s.message(c.id.value, c.secret.value)
	if w.Environment.Platform == core.PlatformFusion {
		path, request = fusionTokenPath, fusionMessage(c.id.value, c.secret.value)
	}
	a, err := w.postWithRetry(ctx, path, request)
	if err != nil {
		return core.Token{}, err
	}
	if !a.ok() {
		e := w.failure(a)
		if e.Denied {
			e.HintText = c.Hint()
		}
		return core.Token{}, e
	}
	return w.token(a)
}

// message returns the token request in this style. Basic authentication holds id and secret
// unencoded: the service does not expect the form encoding of RFC 6749, section 2.3.1.
func (s AuthStyle) message(id, secret string) message {
	m := message{what: "the token request", secrets: []string{secret}}
	form := url.Values{"grant_type": {"client_credentials"}}
	object := map[string]string{"grant_type": "client_credentials"}
	switch s {
	case AuthStyleBodyForm, AuthStyleBodyJSON:
		form["client_id"], object["client_id"] = []string{id}, id
		form["client_secret"], object["client_secret"] = []string{secret}, secret
	default:
		m.basic = base64.StdEncoding.EncodeToString([]byte(id + ":" + secret))
	}
	switch s {
	case AuthStyleBasicJSON, AuthStyleBodyJSON:
		m.contentType = "application/json"
		m.body, _ = json.Marshal(object) // strings never fail
	default:
		m.contentType = "application/x-www-form-urlencoded"
		m.body = []byte(form.Encode())
	}
	return m
}

// fusionMessage returns the token request of the successor platform
// (docs/protocol.md#client-credentials-of-the-successor).
func fusionMessage(id, secret string) message {
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}, "scope": {"token"},
	}
	return message{
		what: "the token request", contentType: "application/x-www-form-urlencoded",
		body: []byte(form.Encode()), secrets: []string{secret},
	}
}

func (s AuthStyle) valid() bool {
	switch s {
	case "", AuthStyleBasicForm, AuthStyleBasicJSON, AuthStyleBodyForm, AuthStyleBodyJSON:
		return true
	}
	return false
}

// unknown returns the error of an authenticator for an invalid style.
func (s AuthStyle) unknown(authenticator string) error {
	return &core.LoginError{
		Authenticator: authenticator, Reason: fmt.Sprintf("unknown style %q", string(s)),
		HintText: fmt.Sprintf("use one of %s, %s, %s, %s", AuthStyleBasicForm, AuthStyleBasicJSON, AuthStyleBodyForm, AuthStyleBodyJSON),
	}
}

// client is an OAuth client.
type client struct {
	id, secret half
	platform   core.Platform
}

// half is the id or the secret of a client, with its source.
type half struct {
	value    string
	variable string // empty if the value was set in code
	namedBy  string
}

// resolve returns both halves; fields take precedence over settings.
func (c *ClientCredentials) resolve(req core.LoginRequest) (client, error) {
	ownID, ownSecret := c.ID, c.Secret.Reveal()
	if req.OtherPlatform() {
		ownID, ownSecret = "", ""
	}
	idName, secretName := req.Environment.Platform.ClientSettings()
	found := client{
		id:       resolveHalf(req, ownID, idName),
		secret:   resolveHalf(req, ownSecret, secretName),
		platform: req.Environment.Platform,
	}
	id, secret := found.id, found.secret
	switch {
	case id.value == "" && secret.value == "":
		return found, &core.UnavailableError{
			Reason:   fmt.Sprintf("%s and %s are not set", id, secret),
			HintText: "set both to log in as an OAuth client",
		}
	case id.value == "":
		return found, incomplete(secret, id)
	case secret.value == "":
		return found, incomplete(id, secret)
	case !c.AuthStyle.valid():
		return found, c.AuthStyle.unknown(nameClientCredentials)
	case strings.ContainsFunc(id.value, unicode.IsControl):
		return found, broken(id)
	case strings.ContainsFunc(secret.value, unicode.IsControl):
		return found, broken(secret)
	}
	return found, nil
}

func resolveHalf(req core.LoginRequest, explicit, name string) half {
	if value := setting.Text(explicit); value != "" {
		return half{value: value}
	}
	found, _ := req.Setting(name)
	return half{setting.Text(found.Value.Reveal()), cmp.Or(found.Variable, name), found.NamedBy}
}

// String returns the source of the half, never its value.
func (h half) String() string {
	switch {
	case h.variable == "":
		return "a value in code"
	case h.namedBy != "":
		return fmt.Sprintf("%s (named by %s)", h.variable, h.namedBy)
	}
	return h.variable
}

// incomplete returns the error for a client with one half.
func incomplete(set, missing half) error {
	hint := "set " + missing.variable
	if set.variable != "" {
		hint += ", or unset " + set.variable
	}
	return &core.LoginError{
		Authenticator: nameClientCredentials,
		Reason:        fmt.Sprintf("%s is set but %s is not", set, missing),
		HintText:      hint,
	}
}

// broken returns the error for a half with a control character, for example a second line.
func broken(h half) error {
	return &core.LoginError{
		Authenticator: nameClientCredentials, Reason: fmt.Sprintf("%s contains a line break or another control character", h),
		HintText: "set the value alone, on one line",
	}
}

// Hint returns the hint for a denied client.
func (c client) Hint() string {
	var variables []string
	for _, h := range []half{c.id, c.secret} {
		if h.variable != "" {
			variables = append(variables, h.variable)
		}
	}
	what := "client id and secret"
	if len(variables) > 0 {
		what = strings.Join(variables, " and ")
	}
	hint := "check " + what + ", and that the client belongs to this environment"
	switch {
	case c.platform == core.PlatformFusion:
		return hint + " and has not expired"
	case len(variables) == 0:
		return hint + "; or log in as a user"
	}
	return hint + fmt.Sprintf("; or `unset %s`, and log in as a user", strings.Join(variables, " "))
}
