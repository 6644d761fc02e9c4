package core

import (
	"context"
	"net/http"
	"time"

	"github.com/taegis-go/taegis/internal/setting"
)

// Names of the settings that the SDK's own authenticators look up.
const (
	SettingClientID     = "CLIENT_ID"
	SettingClientSecret = "CLIENT_SECRET"
	SettingAccessToken  = "TAEGIS_ACCESS_TOKEN"
)

// PromptForbidden returns why nobody may be asked, for [LoginRequest.NonInteractive], where the variable
// TAEGIS_NO_INPUT says so; else "". Empty, 0, false, no and off, in any case, count as unset.
func PromptForbidden(lookupEnv func(name string) (string, bool)) string {
	if value, ok := lookupEnv("TAEGIS_NO_INPUT"); !ok || !setting.Bool(value) {
		return ""
	}
	return "TAEGIS_NO_INPUT is set"
}

// LoginRequest is all that an authenticator may know: it reads neither disk nor process
// environment. A test passes a literal.
type LoginRequest struct {
	// Environment says where to log in.
	Environment Environment
	// HomeEnvironment names the client's own environment where a call asked for another one that
	// logs in at another host: what was given for one environment alone, such as a token, does
	// not belong to this one. Else it is empty.
	HomeEnvironment string
	// Prompt is how a user can be asked; its zero value means that nobody is there.
	Prompt Prompt
	// NoInput, when not empty, says why nobody may be asked although somebody may be there,
	// such as "--no-input was given".
	NonInteractive string
	// Lookup finds a setting by its name, such as "CLIENT_ID". The Setting tells where the
	// value would have come from even when ok is false. A nil Lookup finds nothing.
	Lookup func(name string) (s Setting, ok bool)
	// HTTP carries the SDK's proxy, certificate authorities, limits and redirect rule. Nil
	// means [http.DefaultClient].
	HTTP *http.Client
	// UserAgent is the header of that name of login requests; see [UserAgent]. Empty means that of a
	// program without a name.
	UserAgent string
	// Timeout bounds one request; zero means no bound. It never bounds a user, nor a
	// request that the server holds until a user has acted.
	Timeout time.Duration
	// Retry bounds the repetition of requests that may be repeated.
	Retry RetryLimits
	// Now tells the time; nil means [time.Now].
	Now func() time.Time
}

// Setting finds a setting by name; it is Lookup made safe for a nil function. An empty value
// counts as unset.
func (r LoginRequest) Setting(name string) (Setting, bool) {
	if r.Lookup == nil {
		return Setting{Variable: name}, false
	}
	s, ok := r.Lookup(name)
	return s, ok && !s.Value.IsZero()
}

// Client returns the HTTP client to use, never nil.
func (r LoginRequest) Client() *http.Client {
	if r.HTTP == nil {
		return http.DefaultClient
	}
	return r.HTTP
}

// Time returns the current time.
func (r LoginRequest) Time() time.Time {
	if r.Now == nil {
		return time.Now()
	}
	return r.Now()
}

// Notify shows message to the user. It does nothing if the prompt has no Notify.
func (r LoginRequest) Notify(ctx context.Context, message string) {
	if r.Prompt.Notify != nil {
		r.Prompt.Notify(ctx, message)
	}
}

// CanPrompt returns nil if a user may be asked, else an error that wraps [ErrUnavailable] and
// says why not.
func (r LoginRequest) CanPrompt() error {
	switch {
	case r.NonInteractive != "":
		return &UnavailableError{
			Reason:   "asking a user is switched off: " + r.NonInteractive,
			HintText: "allow input, or set CLIENT_ID and CLIENT_SECRET",
		}
	case !r.Prompt.CanPrompt():
		return &UnavailableError{
			Reason:   "nobody can be asked: there is no terminal",
			HintText: "run `taegis auth login` in a terminal, or set CLIENT_ID and CLIENT_SECRET",
		}
	}
	return nil
}

// RetryLimits bounds how often and how long a request is repeated. The zero value means
// [DefaultRetryLimits].
type RetryLimits struct {
	MaxTries int           // attempts in all; 1 means no repetition
	MaxTime  time.Duration // from the first attempt to the start of the last
}

// DefaultRetryLimits are 4 attempts within 15 s.
var DefaultRetryLimits = RetryLimits{MaxTries: 4, MaxTime: 15 * time.Second}

// OrDefault returns the limits with every unset one replaced by its default.
func (l RetryLimits) OrDefault() RetryLimits {
	if l.MaxTries <= 0 {
		l.MaxTries = DefaultRetryLimits.MaxTries
	}
	if l.MaxTime <= 0 {
		l.MaxTime = DefaultRetryLimits.MaxTime
	}
	return l
}

// Prompt is how a user can be asked: a struct of optional functions. All of them obey ctx
// and return an error that wraps [ErrCancelled] when the user gives up.
type Prompt struct {
	// ShowVerification shows a link that the user is to open, at once and without waiting.
	ShowVerification func(ctx context.Context, link Verification) error
	// AskText asks for one line, such as "Username: ".
	AskText func(ctx context.Context, label string) (string, error)
	// AskSecret asks for one line that is not shown, such as "Password: ".
	AskSecret func(ctx context.Context, label string) (Secret, error)
	// Notify shows a message, for example "Wrong code, 2 tries left.".
	Notify func(ctx context.Context, message string)
	// Countdown shows how much time is left to follow a link; each call replaces the one
	// before, and zero ends it.
	Countdown func(ctx context.Context, left time.Duration)
}

// CanPrompt reports whether somebody is there to follow a link or to answer.
func (p Prompt) CanPrompt() bool { return p.ShowVerification != nil || p.AskText != nil }

// Verification is a page that a user opens to log in.
type Verification struct {
	URI       string    // the whole address, with the code in it where the server offers that
	UserCode  string    // the code to compare or to type, "" where there is none
	ExpiresAt time.Time // when the link stops working; zero where the server does not say
}
