package core_test

import (
	"errors"
	"io"
	"testing"

	"github.com/taegis-go/taegis/core"
)

func TestErrorsSayWhatWhereAndWhatToDo(t *testing.T) {
	for want, err := range map[string]error{
		"CLIENT_ID is not set: set it":                                        &core.UnavailableError{Reason: "CLIENT_ID is not set", HintText: "set it"},
		"sso: denied":                                                         &core.LoginError{Authenticator: "sso", Reason: "denied"},
		"config:7: not a section: fix it":                                     &core.FileError{Path: "config", Line: 7, Reason: "not a section", HintText: "fix it"},
		"config: unreadable":                                                  &core.FileError{Path: "config", Reason: "unreadable"},
		"the token works but could not be saved to config: EOF":               &core.SaveError{Store: "config", Err: io.EOF},
		"ping: no connection to h: EOF":                                       &core.ConnectionError{Operation: "ping", Host: "h", Err: io.EOF},
		"ping: no answer from h: EOF":                                         &core.ConnectionError{Operation: "ping", Host: "h", Sent: true, Err: io.EOF},
		"ping: h answered 502: an HTML page (request 7)":                      &core.ResponseError{Operation: "ping", Host: "h", Status: 502, Reason: "an HTML page", RequestID: "7"},
		"ping: a[0].b: no":                                                    &core.ResponseError{Operation: "ping", Status: 200, Errors: []core.GraphQLError{{Message: "no", Path: []any{"a", 0, "b"}}}},
		`environment "lab": base URL "x": it is not a URL`:                    &core.BaseURLError{Name: "lab", URL: "x", Reason: "it is not a URL"},
		`environment "lab": base URL "https://[redacted]@x/y?[redacted]": no`: &core.BaseURLError{Name: "lab", URL: "https://ann:p/w%ord@x/y?key=k", Reason: "no"},
		`environment "lab": base URL "[redacted]@x": no`:                      &core.BaseURLError{Name: "lab", URL: "ann:pw@x", Reason: "no"},
		"not logged in to charlie\n  interactive: no terminal: open":          &core.ChainError{Environment: "charlie", Attempts: []core.Attempt{{Authenticator: "interactive", Err: &core.UnavailableError{Reason: "no terminal", HintText: "open"}}}},
	} {
		if err.Error() != want {
			t.Errorf("%T:\n got %s\nwant %s", err, err, want)
		}
	}
}

func TestSettingError(t *testing.T) {
	err := error(&core.SettingError{Setting: "--dir", Reason: "it is a URL", HintText: "write a path", Err: io.EOF})
	if err.Error() != "--dir: it is a URL: write a path" || !errors.Is(err, io.EOF) {
		t.Errorf("error %v", err)
	}
	if hint := core.Hint(err); hint != "write a path" {
		t.Errorf("hint %q", hint)
	}
	if err := (&core.SettingError{Setting: "--dir", Reason: "it is a URL"}); err.Error() != "--dir: it is a URL" {
		t.Errorf("error %v", err)
	}
}

func TestErrorsUnwrap(t *testing.T) {
	refused := &core.LoginError{Authenticator: "a", Denied: true, Err: io.EOF}
	chain := &core.ChainError{Attempts: []core.Attempt{{Err: &core.UnavailableError{Err: io.ErrNoProgress, HintText: "r"}}, {Err: refused}}}
	for _, target := range []error{core.ErrUnavailable, io.ErrNoProgress, core.ErrDenied, io.EOF} {
		if !errors.Is(chain, target) {
			t.Errorf("the chain's error is not %v", target)
		}
	}
	if chain.Failed().Err != error(refused) || core.Hint(chain) != "r" || core.Hint(io.EOF) != "" {
		t.Errorf("failed %v, hint %q", chain.Failed(), core.Hint(chain))
	}
	for _, err := range []error{&core.SaveError{Err: io.EOF}, &core.FileError{Err: io.EOF}, &core.ResponseError{Err: io.EOF}, &core.ConnectionError{Err: io.EOF}} {
		if !errors.Is(err, io.EOF) {
			t.Errorf("%T hides its cause", err)
		}
	}
	if errors.Is(&core.LoginError{}, core.ErrDenied) {
		t.Error("a login that was not denied wraps ErrDenied")
	}
}

// An error's text names its operation once, and begins with what it is about.
func TestErrorsNameTheirSubjectOnce(t *testing.T) {
	path := func(steps ...any) []core.GraphQLError { return []core.GraphQLError{{Message: "no", Path: steps}} }
	cause := errors.New("greet: broken")
	for want, err := range map[string]error{
		"greet: no":                                  &core.ResponseError{Operation: "greet", Status: 200, Errors: path("greet")},
		"greet: id: no":                              &core.ResponseError{Operation: "greet", Status: 200, Errors: path("greet", "id")},
		"greet: list[1].id: no":                      &core.ResponseError{Operation: "greet", Status: 200, Errors: path("greet", "list", 1, "id")},
		"greet: other.greet: no":                     &core.ResponseError{Operation: "greet", Status: 200, Errors: path("other", "greet")},
		"greet: NO":                                  &core.ResponseError{Operation: "greet", Status: 200, Errors: []core.GraphQLError{{Extensions: map[string]any{"code": "NO"}}}},
		"greet: said":                                &core.ResponseError{Operation: "greet", Status: 200, Errors: []core.GraphQLError{{Message: "greet: said"}}},
		"greet: broken":                              &core.ResponseError{Operation: "greet", Status: 200, Err: cause},
		"greet: not a full success":                  &core.ResponseError{Operation: "greet", Status: 200},
		"the server answered 503: x":                 &core.ResponseError{Status: 503, Reason: "x"},
		"greet: lab answered 503":                    &core.ResponseError{Operation: "greet", Host: "lab", Status: 503},
		"greet: no answer from lab: broken":          &core.ConnectionError{Operation: "greet", Host: "lab", Sent: true, Err: cause},
		"no connection to the server: greet: broken": &core.ConnectionError{Err: cause},
		"greet: no connection to lab":                &core.ConnectionError{Operation: "greet", Host: "lab"},
		"argument id: too long":                      &core.ArgumentError{Argument: "id", Reason: "too long"},
		"greet: lab: the server closed the connection with code 1012: service restart": &core.ConnectionError{
			Operation: "greet", Host: "lab", Err: &core.CloseError{Code: 1012},
		},
		"greet: the server closed the connection with code 4403: not here": &core.ResponseError{
			Operation: "greet", Status: 200, Err: &core.CloseError{Code: 4403, Reason: "not here"},
		},
		"the server closed the connection with code 4999": &core.CloseError{Code: 4999},
		"the server closed the connection without a code": &core.CloseError{Code: 1005},
	} {
		if err.Error() != want {
			t.Errorf("%q, want %q", err, want)
		}
	}
}
