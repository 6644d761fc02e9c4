package core

import (
	"context"
	"net/http"
	"time"
)

// Names of the settings that the SDK's own authenticators look up. The OAuth clients of the two
// platforms have different ones; see [Platform.ClientSettings].
const (
	SettingClientID           = "CLIENT_ID"
	SettingClientSecret       = "CLIENT_SECRET"
	SettingSophosClientID     = "SOPHOS_CLIENT_ID"
	SettingSophosClientSecret = "SOPHOS_CLIENT_SECRET"
	SettingAccessToken        = "TAEGIS_ACCESS_TOKEN"
)

// LoginRequest is the input of an authenticator, which reads neither files nor the process
// environment itself. Tests can pass a literal.
type LoginRequest struct {
	// Environment is the environment to log in to.
	Environment Environment
	// HomeEnvironment names the client's own environment if a call chose another one with another
	// authentication host. Settings that are valid for one environment only, for example a token,
	// do not apply to this request then. Otherwise it is empty.
	HomeEnvironment string
	// HomePlatform is the platform of HomeEnvironment.
	HomePlatform Platform
	// Username is the name of the user that logs in; empty if it is not known. An authenticator with
	// a user name of its own uses that one.
	Username string
	// Rejected reports whether the server has rejected the token that the authenticator returned
	// last. An authenticator that keeps tokens must not return that one again.
	Rejected bool
	// State keeps what the authenticator needs at the next login of the same account, for example a
	// refresh token. The zero State cannot.
	State State
	// Prompt prompts the user. The zero Prompt cannot.
	Prompt Prompt
	// NonInteractive, if not empty, disables prompts and is the reason, for example "--no-input
	// was given".
	NonInteractive string
	// Lookup returns a setting by its name, for example "CLIENT_ID". If ok is false, the Setting
	// still names the source of the value. A nil Lookup finds nothing.
	Lookup func(name string) (s Setting, ok bool)
	// HTTP sends login requests, with the SDK's proxy, certificate authorities and redirect rule.
	// Nil means [http.DefaultClient].
	HTTP *http.Client
	// UserAgent is the User-Agent header of login requests; see [UserAgent]. Empty means that of a
	// program without a name.
	UserAgent string
	// Timeout is the time limit of one request; zero disables it. It applies neither to prompts
	// nor to requests that the server holds until the user has acted.
	Timeout time.Duration
	// Retry limits retries of requests that may be repeated.
	Retry RetryLimits
	// Now returns the current time; nil means [time.Now].
	Now func() time.Time
}

// Setting returns a setting by its name. If Lookup is nil, it finds nothing. An empty value counts
// as unset.
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

// OtherPlatform reports whether the request is for a different platform than the client's own
// environment. Values that were set for that environment, for example a client id, do not apply
// then.
func (r LoginRequest) OtherPlatform() bool {
	return r.HomeEnvironment != "" && r.HomePlatform != r.Environment.Platform
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

// CanPrompt returns nil if the user can be prompted, else an [*UnavailableError] with the reason.
func (r LoginRequest) CanPrompt() error {
	switch {
	case r.NonInteractive != "":
		return &UnavailableError{
			Reason:   "prompts are disabled: " + r.NonInteractive,
			HintText: "allow prompts, or set CLIENT_ID and CLIENT_SECRET",
		}
	case !r.Prompt.CanPrompt():
		return &UnavailableError{
			Reason:   "cannot prompt: not a terminal",
			HintText: "log in from a terminal, or set CLIENT_ID and CLIENT_SECRET",
		}
	}
	return nil
}

// RetryLimits limits how often and how long a request is retried. A zero field selects its value in
// [DefaultRetryLimits].
type RetryLimits struct {
	MaxTries int           // attempts in all; 1 means no retry
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

// Prompt is a set of optional functions that prompt the user. Each of them returns when ctx ends,
// and returns an error that wraps [ErrCancelled] if the user cancels.
type Prompt struct {
	// ShowVerification shows a page that the user has to open. It does not wait for the user.
	ShowVerification func(ctx context.Context, verification Verification) error
	// AskText prompts for one line with a label, for example "Username: ".
	AskText func(ctx context.Context, label string) (string, error)
	// AskSecret prompts for one line that is not shown, for example "Password: ".
	AskSecret func(ctx context.Context, label string) (Secret, error)
	// Notify shows a message, for example "Wrong code, 2 tries left.".
	Notify func(ctx context.Context, message string)
	// Countdown shows how much time is left to open the verification page. Each call replaces the
	// one before, and zero ends the countdown.
	Countdown func(ctx context.Context, left time.Duration)
}

// CanPrompt reports whether the prompt can show a verification page or ask for text or a secret.
func (p Prompt) CanPrompt() bool {
	return p.ShowVerification != nil || p.AskText != nil || p.AskSecret != nil
}

// Verification is a page that the user opens to log in, with its code (RFC 8628).
type Verification struct {
	URI       string    // the whole address, including the code if the server offers that
	UserCode  string    // the code to compare or to type, "" if there is none
	ExpiresAt time.Time // when the page expires; zero if the server did not return it
}
