package core

import (
	"errors"
	"net/http"
	"slices"
	"strings"
)

// IsForbidden reports whether the server denied the operation to the account: HTTP 403, an error
// with the code FORBIDDEN, PERMISSION_DENIED or 403, or the close code 4403. Another token of the
// same account does not help. A rejected token is [ErrUnauthorized], a denied login [ErrDenied].
func IsForbidden(err error) bool {
	answer, ok := errors.AsType[*ResponseError](err)
	return ok && (answer.Status == http.StatusForbidden || answer.closedWith(4403) ||
		answer.hasCode("FORBIDDEN", "PERMISSION_DENIED", "403"))
}

// IsNotFound reports whether the server answered that the object of an argument does not exist: an
// error with the code NOT_FOUND or 404, or with "not found" in its message. The services have no
// common code for it. HTTP 404 without such an error means that the gateway does not
// exist, and a name that the schema lacks is not an answer of the operation: IsNotFound returns
// false for both.
func IsNotFound(err error) bool {
	answer, ok := errors.AsType[*ResponseError](err)
	if !ok || answer.Evidence == EvidenceInvalid {
		return false
	}
	return answer.hasCode("NOT_FOUND", "404") || slices.ContainsFunc(answer.Errors, func(e GraphQLError) bool {
		return strings.Contains(strings.ToLower(e.Message), "not found")
	})
}

// IsRateLimited reports whether there were too many requests: HTTP 429 of a call or a login, an
// error with the code TOO_MANY_REQUESTS, RATE_LIMITED, RESOURCE_EXHAUSTED or 429, or close code
// 4429. The client has already retried the call within the limits of retries. If the server named a
// time to wait, it is in RetryAfter of [ResponseError].
func IsRateLimited(err error) bool {
	if login, ok := errors.AsType[*LoginError](err); ok && login.Status == http.StatusTooManyRequests {
		return true
	}
	answer, ok := errors.AsType[*ResponseError](err)
	return ok && (answer.Status == http.StatusTooManyRequests || answer.closedWith(4429) ||
		answer.hasCode("TOO_MANY_REQUESTS", "RATE_LIMITED", "RESOURCE_EXHAUSTED", "429"))
}

// As sets a target of the type **[GraphQLError] to the first of e.Errors, so that [errors.As] and
// [errors.AsType] find it.
func (e *ResponseError) As(target any) bool {
	first, ok := target.(**GraphQLError)
	if !ok || len(e.Errors) == 0 {
		return false
	}
	*first = &e.Errors[0]
	return true
}

// hasCode reports whether one of the errors has one of the codes, in any case.
func (e *ResponseError) hasCode(codes ...string) bool {
	return slices.ContainsFunc(e.Errors, func(g GraphQLError) bool {
		return slices.Contains(codes, strings.ToUpper(g.Code()))
	})
}

// closedWith reports whether the server closed a subscription with the code.
func (e *ResponseError) closedWith(code int) bool {
	closed, ok := errors.AsType[*CloseError](e.Err)
	return ok && closed.Code == code
}
