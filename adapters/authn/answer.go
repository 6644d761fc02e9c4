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

// answer is what the authentication host answered to a message.
type answer struct {
	message
	host   string
	status int
	header http.Header
	fields map[string]json.RawMessage // nil where the body is no JSON object
	shape  string                     // what the body is instead, such as "an HTML page"
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

// ok reports success by the status alone.
func (a answer) ok() bool { return a.status >= 200 && a.status <= 299 }

// absent reports whether the server does not have the endpoint.
func (a answer) absent() bool {
	return a.status == http.StatusNotFound || a.status == http.StatusMethodNotAllowed || a.status == http.StatusGone
}

// passing reports whether the status says that the same request may succeed later.
func (a answer) passing() bool {
	return a.status == http.StatusRequestTimeout || a.status == http.StatusTooManyRequests || a.status >= 500
}

// denied reports whether the server understood the request and said no.
func (a answer) denied() bool {
	return a.status == http.StatusBadRequest || a.status == http.StatusUnauthorized || a.status == http.StatusForbidden
}

// retryAfter is the pause that the server asks for, in seconds or as a date (RFC 9110,
// section 10.2.3); zero where it asks for none.
func (a answer) retryAfter(now time.Time) time.Duration {
	value := a.header.Get("Retry-After")
	if seconds, err := strconv.ParseInt(value, 10, 32); err == nil || errors.Is(err, strconv.ErrRange) { // then 68 years
		return max(0, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// text returns a member that is a string, else "".
func (a answer) text(name string) string {
	var s string
	_ = json.Unmarshal(a.fields[name], &s) // any other type leaves it empty
	return s
}

// seconds returns a member that is a positive number, or a string that holds one, else zero.
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

// instant returns a member that is a date in RFC 3339, else the zero time. One without a time
// zone is in UTC.
func (a answer) instant(name string) time.Time {
	s := a.text(name)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}

// explanation is what the server says about a failure, fit to be shown: short, on one line, and
// withheld where it repeats a secret.
func (a answer) explanation() string {
	if a.fields == nil {
		return a.shape
	}
	var parts []string
	for _, name := range []string{"error", "error_description", "message"} {
		if s := a.text(name); s != "" && !slices.Contains(parts, s) {
			parts = append(parts, s)
		}
	}
	said := strings.Join(parts, ": ")
	if a.echoes(said) {
		return "an explanation that is withheld because it repeats a secret"
	}
	return text.Short(redact.Text(said), 300)
}

// echoes reports whether said holds one of the request's secrets, or of the answer's own, plain or
// encoded.
func (a answer) echoes(said string) bool {
	said = strings.ToLower(said)
	own := []string{a.basic, a.text("access_token"), a.text("device_code"), a.text("mfa_token")}
	for _, secret := range slices.Concat(a.secrets, own) {
		if secret == "" {
			continue
		}
		encoded, _ := json.Marshal(secret) // a string always can be
		for _, form := range []string{
			secret, url.QueryEscape(secret), html.EscapeString(secret), strings.Trim(string(encoded), `"`),
			base64.StdEncoding.EncodeToString([]byte(secret)),
		} {
			if strings.Contains(said, strings.ToLower(form)) {
				return true
			}
		}
	}
	return false
}

// failure is the failure that an answer means where nothing more special is known.
func (w loginWire) failure(a answer) *core.LoginError {
	said := a.explanation()
	if said != "" {
		said = ": " + said
	}
	e := &core.LoginError{
		Authenticator: w.name,
		Reason:        fmt.Sprintf("%s: %s answered %d%s", a.what, a.host, a.status, said),
		HintText:      "try again later",
		Status:        a.status,
		Denied:        a.denied(),
	}
	switch {
	case a.status == http.StatusProxyAuthRequired:
		refused := proxy.RejectedElsewhere(a.header)
		e.HintText, e.Err = refused.HintText, refused
	case a.ok():
		e.HintText = "check the base URL, and whether a proxy answers in the place of Taegis"
	case a.status >= 300 && a.status <= 399:
		e.Reason += ", a redirect"
		e.HintText = "check the base URL: credentials are not sent after a redirect"
	case !a.passing():
		e.HintText = "check the environment and the base URL"
	}
	return e
}

// token reads the access token of a successful answer. Its expiry is the earliest of the exp
// claim, expiry, and expires_in from now. Where there is none it returns a [*core.LoginError].
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
