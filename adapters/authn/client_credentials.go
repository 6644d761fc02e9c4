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

// tokenPath is the endpoint for client credentials, and the older one for passwords.
const tokenPath = "/auth/api/v2/auth/token"

// AuthStyle is the form in which client id and secret are sent. A refused request is never sent
// again in another one.
type AuthStyle string

// The styles that the service is known to take; the empty Style means BasicForm.
const (
	AuthStyleBasicForm AuthStyle = "basic-form" // Authorization: Basic, and a form with the grant type
	AuthStyleBasicJSON AuthStyle = "basic-json" // Authorization: Basic, and JSON with the grant type
	AuthStyleBodyForm  AuthStyle = "body-form"  // all in a form
	AuthStyleBodyJSON  AuthStyle = "body-json"  // all in JSON
)

// ClientCredentials logs in as an OAuth client (RFC 6749, section 4.4). A client is valid for
// one tenant and one region, and there are no refresh tokens.
type ClientCredentials struct {
	// ID and Secret are the client's; one that is empty is the setting CLIENT_ID or
	// CLIENT_SECRET. White space, invisible characters and quotes around them are removed, since both
	// are usually pasted. One that holds a control character is not sent.
	ID     string
	Secret core.Secret
	// AuthStyle is the form in which they are sent; empty means [AuthStyleBasicForm].
	AuthStyle AuthStyle
}

// Name returns "client-credentials".
func (c *ClientCredentials) Name() string { return nameClientCredentials }

// Account names the client. It returns a [*core.UnavailableError] where neither id nor
// secret is set, and a [*core.LoginError] that names the missing one where the other is, or for
// an unknown Style.
func (c *ClientCredentials) Account(_ context.Context, req core.LoginRequest) (core.Account, error) {
	client, err := c.resolve(req)
	if client.id.value == "" {
		return "", err
	}
	return core.ClientAccount(req.Environment.AuthHost(), client.id.value), err
}

// Authenticate requests a token, repeatedly within the retry limits while no answer comes or the
// answer is 408, 429 or 5xx. Its errors are those of Credential, and a
// [*core.LoginError]: [core.ErrDenied] after 400, 401 or 403, wrapping a
// [*core.ConnectionError] where no answer came, and without either for any other answer that
// holds no token.
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

// exchange gets a token for a client.
func (w loginWire) exchange(ctx context.Context, c client, s AuthStyle) (core.Token, error) {
	a, err := w.postWithRetry(ctx, tokenPath, s.message(c.id.value, c.secret.value))
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

// message is the token request in this style. Basic holds id and secret as they are, not
// form-encoded as RFC 6749 asks: so the service was observed to want it.
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
		m.body, _ = json.Marshal(object) // strings always can be
	default:
		m.contentType = "application/x-www-form-urlencoded"
		m.body = []byte(form.Encode())
	}
	return m
}

func (s AuthStyle) valid() bool {
	switch s {
	case "", AuthStyleBasicForm, AuthStyleBasicJSON, AuthStyleBodyForm, AuthStyleBodyJSON:
		return true
	}
	return false
}

func (s AuthStyle) unknown(link string) error {
	return &core.LoginError{
		Authenticator: link, Reason: fmt.Sprintf("unknown style %q", string(s)),
		HintText: fmt.Sprintf("use one of %s, %s, %s, %s", AuthStyleBasicForm, AuthStyleBasicJSON, AuthStyleBodyForm, AuthStyleBodyJSON),
	}
}

// client is an OAuth client with where each half comes from.
type client struct{ id, secret half }

type half struct {
	value    string
	variable string // empty for a value given in code
	namedBy  string
}

// resolve finds both halves, explicit values first.
func (c *ClientCredentials) resolve(req core.LoginRequest) (client, error) {
	found := client{
		id:     resolveHalf(req, c.ID, core.SettingClientID),
		secret: resolveHalf(req, c.Secret.Reveal(), core.SettingClientSecret),
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

// String names the half and where its name comes from, never its value.
func (h half) String() string {
	switch {
	case h.variable == "":
		return "a value in code"
	case h.namedBy != "":
		return fmt.Sprintf("%s (named by %s)", h.variable, h.namedBy)
	}
	return h.variable
}

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

// broken is the error for a half that holds more than itself, for example a second line.
func broken(h half) error {
	return &core.LoginError{
		Authenticator: nameClientCredentials, Reason: fmt.Sprintf("%s holds a line break or another control character", h),
		HintText: "give the value alone, on one line",
	}
}

// Hint says what to do about a refused client.
func (c client) Hint() string {
	const user = "`taegis auth login --method interactive` to log in as a user"
	var variables []string
	for _, h := range []half{c.id, c.secret} {
		if h.variable != "" {
			variables = append(variables, h.variable)
		}
	}
	if len(variables) == 0 {
		return "check client id and secret, and that the client belongs to this environment; or run " + user
	}
	return fmt.Sprintf("check %s, and that the client belongs to this environment; or `unset %s`, and run %s",
		strings.Join(variables, " and "), strings.Join(variables, " "), user)
}
