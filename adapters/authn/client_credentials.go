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

// Style is the form in which client id and secret are sent. A refused request is never sent
// again in another one.
type Style string

// The styles that the service is known to take; the empty Style means BasicForm.
const (
	BasicForm Style = "basic-form" // Authorization: Basic, and a form with the grant type
	BasicJSON Style = "basic-json" // Authorization: Basic, and JSON with the grant type
	BodyForm  Style = "body-form"  // all in a form
	BodyJSON  Style = "body-json"  // all in JSON
)

// ClientCredentials signs in as an OAuth client (RFC 6749, section 4.4). A client is valid for
// one tenant and one region, and there are no refresh tokens.
type ClientCredentials struct {
	// ID and Secret are the client's; one that is empty is the setting CLIENT_ID or
	// CLIENT_SECRET. White space, invisible characters and quotes around them are removed, since both
	// are usually pasted. One that holds a control character is not sent.
	ID     string
	Secret core.Secret
	// Style is the form in which they are sent; empty means [BasicForm].
	Style Style
}

// Link returns "client-credentials".
func (c *ClientCredentials) Link() string { return linkClientCredentials }

// Credential names the client. It returns a [*core.NotApplicableError] where neither id nor
// secret is set, and a [*core.LoginError] that names the missing one where the other is, or for
// an unknown Style.
func (c *ClientCredentials) Credential(_ context.Context, req core.LoginRequest) (core.Credential, error) {
	client, err := c.resolve(req)
	if client.id.value == "" {
		return "", err
	}
	return core.ClientCredential(req.Environment.AuthHost(), client.id.value), err
}

// Authenticate requests a token, repeatedly within the retry limits while no answer comes or the
// answer is 408, 429 or 5xx. Its errors are those of Credential, and a
// [*core.LoginError]: [core.ErrRefused] after 400, 401 or 403, wrapping a
// [*core.ConnectionError] where no answer came, and without either for any other answer that
// holds no token.
func (c *ClientCredentials) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	client, err := c.resolve(req)
	if err != nil {
		return core.Token{}, err
	}
	t, err := wire{req, linkClientCredentials}.exchange(ctx, client, c.Style)
	if err != nil {
		return core.Token{}, err
	}
	t.Credential = core.ClientCredential(req.Environment.AuthHost(), client.id.value)
	return t, nil
}

// exchange gets a token for a client.
func (w wire) exchange(ctx context.Context, c client, s Style) (core.Token, error) {
	a, err := w.postPatiently(ctx, tokenPath, s.message(c.id.value, c.secret.value))
	if err != nil {
		return core.Token{}, err
	}
	if !a.ok() {
		e := w.failure(a)
		if e.Refused {
			e.Remedy = c.remedy()
		}
		return core.Token{}, e
	}
	return w.token(a)
}

// message is the token request in this style. Basic holds id and secret as they are, not
// form-encoded as RFC 6749 asks: so the service was observed to want it.
func (s Style) message(id, secret string) message {
	m := message{what: "the token request", secrets: []string{secret}}
	form := url.Values{"grant_type": {"client_credentials"}}
	object := map[string]string{"grant_type": "client_credentials"}
	switch s {
	case BodyForm, BodyJSON:
		form["client_id"], object["client_id"] = []string{id}, id
		form["client_secret"], object["client_secret"] = []string{secret}, secret
	default:
		m.basic = base64.StdEncoding.EncodeToString([]byte(id + ":" + secret))
	}
	switch s {
	case BasicJSON, BodyJSON:
		m.contentType = "application/json"
		m.body, _ = json.Marshal(object) // strings always can be
	default:
		m.contentType = "application/x-www-form-urlencoded"
		m.body = []byte(form.Encode())
	}
	return m
}

func (s Style) valid() bool {
	switch s {
	case "", BasicForm, BasicJSON, BodyForm, BodyJSON:
		return true
	}
	return false
}

func (s Style) unknown(link string) error {
	return &core.LoginError{
		Link: link, Reason: fmt.Sprintf("unknown style %q", string(s)),
		Remedy: fmt.Sprintf("use one of %s, %s, %s, %s", BasicForm, BasicJSON, BodyForm, BodyJSON),
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
		return found, &core.NotApplicableError{
			Reason: fmt.Sprintf("%s and %s are not set", id, secret),
			Remedy: "set both to sign in as an OAuth client",
		}
	case id.value == "":
		return found, incomplete(secret, id)
	case secret.value == "":
		return found, incomplete(id, secret)
	case !c.Style.valid():
		return found, c.Style.unknown(linkClientCredentials)
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
	remedy := "set " + missing.variable
	if set.variable != "" {
		remedy += ", or unset " + set.variable
	}
	return &core.LoginError{
		Link:   linkClientCredentials,
		Reason: fmt.Sprintf("%s is set but %s is not", set, missing),
		Remedy: remedy,
	}
}

// broken is the error for a half that holds more than itself, for example a second line.
func broken(h half) error {
	return &core.LoginError{
		Link: linkClientCredentials, Reason: fmt.Sprintf("%s holds a line break or another control character", h),
		Remedy: "give the value alone, on one line",
	}
}

// remedy says what to do about a refused client.
func (c client) remedy() string {
	const person = "`taegis auth login --method user` to sign in as a person"
	var variables []string
	for _, h := range []half{c.id, c.secret} {
		if h.variable != "" {
			variables = append(variables, h.variable)
		}
	}
	if len(variables) == 0 {
		return "check client id and secret, and that the client belongs to this environment; or run " + person
	}
	return fmt.Sprintf("check %s, and that the client belongs to this environment; or `unset %s`, and run %s",
		strings.Join(variables, " and "), strings.Join(variables, " "), person)
}
