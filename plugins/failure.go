package plugins

import (
	"cmp"
	"errors"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins/internal/contract"
)

// encodeFailure turns the error of an authenticator into a code, with words for users.
func encodeFailure(err error) *contract.Failure {
	f := &contract.Failure{Code: contract.Failure_CODE_FAILED, Reason: err.Error(), Hint: core.Hint(err)}
	if login, ok := errors.AsType[*core.LoginError](err); ok {
		f.Reason, f.Status = login.Reason, int32(login.Status)
	}
	connection, unanswered := errors.AsType[*core.ConnectionError](err)
	switch {
	case errors.Is(err, core.ErrUnavailable):
		f.Code = contract.Failure_CODE_UNAVAILABLE
		if e, ok := errors.AsType[*core.UnavailableError](err); ok {
			f.Reason = e.Reason
		}
	case errors.Is(err, core.ErrCancelled):
		f.Code = contract.Failure_CODE_CANCELLED
	case errors.Is(err, core.ErrDenied):
		f.Code = contract.Failure_CODE_DENIED
	case unanswered:
		f.Code, f.Host, f.Cause = contract.Failure_CODE_TRANSIENT, connection.Host, encodeCause(connection)
	}
	for _, text := range []*string{&f.Reason, &f.Hint, &f.Host} {
		*text = valid(*text) // no message holds anything else
	}
	return f
}

// errNoAnswer stands for the cause that stayed in the plugin.
var errNoAnswer = errors.New("the plugin got no answer")

// decodeFailure is the inverse, for the link with that name. The code decides what the chain
// makes of it, the words are made fit to be shown.
func decodeFailure(name string, f *contract.Failure, fit func(string) string) error {
	reason, hint := cmp.Or(fit(f.GetReason()), "it gives no reason"), fit(f.GetHint())
	e := &core.LoginError{Authenticator: name, Reason: reason, Status: int(f.GetStatus())}
	switch f.GetCode() {
	case contract.Failure_CODE_UNAVAILABLE:
		return &core.UnavailableError{Reason: reason, HintText: cmp.Or(hint, "ask the author of the plugin what it needs")}
	case contract.Failure_CODE_CANCELLED:
		e.Err, e.HintText = core.ErrCancelled, "log in again"
	case contract.Failure_CODE_DENIED:
		e.Denied, e.HintText = true, "check the settings of the plugin"
	case contract.Failure_CODE_TRANSIENT:
		e.HintText = "try again later"
		unanswered(name, e, f, fit)
	default:
		e.HintText = "tell the author of the plugin"
	}
	if core.Hint(e.Err) == "" {
		e.HintText = cmp.Or(hint, e.HintText)
	}
	return e
}

// unanswered adds to e why no answer came. What the user has to do about that comes before what the
// author of the plugin advises.
func unanswered(name string, e *core.LoginError, f *contract.Failure, fit func(string) string) {
	connection := &core.ConnectionError{Operation: name, Host: fit(f.GetHost()), Sent: true, Err: errNoAnswer}
	e.Err = connection
	if f.GetCause() == nil {
		return
	}
	connection.Sent, connection.Err = f.GetCause().GetSent(), decodeCause(connection.Host, f.GetCause(), fit)
	why := connection.Err.Error()
	if hint := core.Hint(connection.Err); hint != "" {
		why, e.HintText = strings.TrimSuffix(why, ": "+hint), hint
	}
	if f.GetCause().GetKind() != contract.Cause_KIND_UNSPECIFIED && !strings.Contains(e.Reason, why) {
		e.Reason += ": " + why
	}
}
