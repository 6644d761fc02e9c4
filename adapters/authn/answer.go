package authn

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/proxy"
	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/internal/setting"
	"github.com/taegis-go/taegis/internal/text"
)

// answer is the response of the authentication host to a message.
type answer struct {
	message
	host   string
	status int
	header http.Header
	fields map[string]json.RawMessage // nil if the body is no JSON object
	shape  string                     // a description of any other body, for example "an HTML page"
}

func newAnswer(host string, status int, header http.Header, body []byte, m message) answer {
	a := answer{message: m, host: host, status: status, header: header}
	switch content := bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(body), []byte("\ufeff"))); {
	case len(body) > maxAnswer:
		a.shape = "more than 1 MiB"
	case len(content) == 0:
		a.shape = "nothing"
	case content[0] == '<':
		a.shape = "an HTML page"
	case json.Unmarshal(content, &a.fields) != nil || a.fields == nil:
		a.fields, a.shape = nil, "no JSON object"
	}
	return a
}

// ok reports whether the status is 2xx.
func (a answer) ok() bool { return a.status >= 200 && a.status <= 299 }

// absent reports whether the server does not have the endpoint.
func (a answer) absent() bool {
	return a.status == http.StatusNotFound || a.status == http.StatusMethodNotAllowed || a.status == http.StatusGone
}

// transient reports whether the same request may succeed later: after 408, 429 or 5xx.
func (a answer) transient() bool {
	return a.status == http.StatusRequestTimeout || a.status == http.StatusTooManyRequests || a.status >= 500
}

// denied reports whether the status is 400, 401 or 403.
func (a answer) denied() bool {
	return a.status == http.StatusBadRequest || a.status == http.StatusUnauthorized || a.status == http.StatusForbidden
}

// retryAfter returns the pause of the Retry-After header, which holds seconds or a date (RFC 9110,
// section 10.2.3); zero without the header.
func (a answer) retryAfter(now time.Time) time.Duration {
	value := a.header.Get("Retry-After")
	if seconds, err := strconv.ParseInt(value, 10, 32); err == nil || errors.Is(err, strconv.ErrRange) { // out of range gives 68 years
		return max(0, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// text returns a string member, "" for any other type.
func (a answer) text(name string) string {
	var s string
	_ = json.Unmarshal(a.fields[name], &s) // any other type leaves s empty
	return s
}

// seconds returns a member that is a positive number or a string of one, zero for any other value.
func (a answer) seconds(name string) time.Duration {
	const century = 100 * 365 * 24 * 3600
	raw := string(a.fields[name])
	if s := a.text(name); s != "" {
		raw = strings.TrimSpace(s)
	}
	n, err := strconv.ParseFloat(raw, 64)
	if err != nil || !(n > 0) {
		return 0
	}
	return time.Duration(min(n, century) * float64(time.Second))
}

// instant returns a member that is a date in RFC 3339, the zero time for any other value. A date
// without a time zone is in UTC.
func (a answer) instant(name string) time.Time {
	s := a.text(name)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}

// explanation returns the server's error message as one short line. It withholds a message that
// repeats a secret.
func (a answer) explanation() string {
	if a.fields == nil {
		return a.shape
	}
	var parts []string
	for _, name := range []string{"error", "error_description", "errorCode", "message"} {
		if s := a.text(name); s != "" && !slices.Contains(parts, s) {
			parts = append(parts, s)
		}
	}
	if id := a.text("trackingId"); id != "" {
		parts = append(parts, "tracking id "+id)
	}
	message := strings.Join(parts, ": ")
	if a.echoes(message) {
		return "an explanation that is withheld because it repeats a secret"
	}
	return text.Short(redact.Text(message), 300)
}

// echoes reports whether a message contains a secret of the request or of the answer, plain or
// encoded.
func (a answer) echoes(message string) bool {
	message = strings.ToLower(message)
	own := []string{a.basic, a.text("access_token"), a.text("device_code"), a.text("mfa_token")}
	for _, secret := range slices.Concat(a.secrets, own) {
		if secret == "" {
			continue
		}
		encoded, _ := json.Marshal(secret) // a string never fails
		for _, form := range []string{
			secret, url.QueryEscape(secret), html.EscapeString(secret), strings.Trim(string(encoded), `"`),
			base64.StdEncoding.EncodeToString([]byte(secret)),
		} {
			if strings.Contains(message, strings.ToLower(form)) {
				return true
			}
		}
	}
	return false
}

// failure returns the error for an answer that is not a success.
func (w loginWire) failure(a answer) *core.LoginError {
	explanation := a.explanation()
	if explanation != "" {
		explanation = ": " + explanation
	}
	e := &core.LoginError{
		Authenticator: w.name,
		Reason:        fmt.Sprintf("%s: %s answered %d%s", a.what, a.host, a.status, explanation),
		HintText:      "try again later",
		Status:        a.status,
		Denied:        a.denied(),
	}
	switch {
	case a.status == http.StatusProxyAuthRequired:
		rejected := proxy.RejectedElsewhere(a.header)
		e.HintText, e.Err = rejected.HintText, rejected
	case a.ok():
		e.HintText = "check the base URL, and whether a proxy answered instead of Taegis"
	case a.status >= 300 && a.status <= 399:
		e.Reason += ", a redirect"
		e.HintText = "check the base URL: credentials are not sent after a redirect"
	case !a.transient():
		e.HintText = "check the environment and the base URL"
	}
	return e
}

// token returns the access token of a successful answer. Its expiry is the earliest of the exp
// claim, the member expiry, and expires_in from now. An answer without a valid token returns a
// [*core.LoginError]. See docs/protocol.md#token-answers.
func (w loginWire) token(a answer) (core.Token, error) {
	access := a.text("access_token")
	fault := ""
	switch {
	case a.fields == nil:
		return core.Token{}, w.failure(a)
	case access == "":
		fault = "without an access_token"
	case !setting.Sendable(access):
		fault = "with an access_token that no header can hold"
	}
	if fault != "" {
		e := w.failure(a)
		e.Reason = fmt.Sprintf("%s: %s answered %d %s", a.what, a.host, a.status, fault)
		return core.Token{}, e
	}
	now := w.Time()
	var fromNow time.Time
	if life := a.seconds("expires_in"); life > 0 {
		fromNow = now.Add(life)
	}
	t := core.NewToken(access, now, fromNow, a.instant("expiry"))
	t.Host, t.Origin = w.Environment.AuthHost(), w.name
	return t, nil
}
