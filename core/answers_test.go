package core_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/taegis-go/taegis/core"
)

// coded is an answer with one error.
func coded(status int, code any, message string) error {
	return &core.ResponseError{Operation: "investigation", Status: status, Errors: []core.GraphQLError{
		{Message: message, Extensions: map[string]any{"code": code}},
	}}
}

func closed(code int) error {
	return &core.ResponseError{Operation: "eventQuery", Status: 101, Err: &core.CloseError{Code: code}}
}

func TestKindsOfAnswers(t *testing.T) {
	for _, c := range []struct {
		name                             string
		err                              error
		forbidden, notFound, rateLimited bool
	}{
		{name: "no error"},
		{name: "another error", err: errors.New("not found")},
		{name: "status 403", err: &core.ResponseError{Status: 403}, forbidden: true},
		{name: "code of Apollo", err: coded(200, "FORBIDDEN", "no"), forbidden: true},
		{name: "code of gRPC", err: coded(200, "permission_denied", "no"), forbidden: true},
		{name: "code as a number", err: coded(200, 403.0, "no"), forbidden: true},
		{name: "close code 4403", err: closed(4403), forbidden: true},
		{name: "below other errors", err: fmt.Errorf("page 2: %w", coded(200, "FORBIDDEN", "no")), forbidden: true},
		{name: "a rejected token", err: &core.ResponseError{Status: 401, Err: core.ErrUnauthorized}},
		{name: "a denied login", err: &core.LoginError{Status: 403, Denied: true}},
		{name: "code NOT_FOUND", err: coded(200, "NOT_FOUND", "no such case"), notFound: true},
		{name: "message", err: coded(200, "DOWNSTREAM_SERVICE_ERROR", "Record not found"), notFound: true},
		{name: "no such gateway", err: &core.ResponseError{Status: 404, Reason: "an HTML page"}},
		{
			name: "a schema without the field",
			err: &core.ResponseError{
				Status: 400, Evidence: core.EvidenceInvalid,
				Errors: []core.GraphQLError{{Message: `type "Case" not found`}},
			},
		},
		{name: "status 429", err: &core.ResponseError{Status: 429}, rateLimited: true},
		{name: "code of rate limits", err: coded(200, "RATE_LIMITED", "slow down"), rateLimited: true},
		{name: "close code 4429", err: closed(4429), rateLimited: true},
		{
			name: "status 429 of a login",
			err: &core.ChainError{Attempts: []core.Attempt{
				{Authenticator: "client-credentials", Err: &core.LoginError{Status: 429}},
			}},
			rateLimited: true,
		},
		{name: "status 429 of a proxy", err: &core.ConnectionError{Err: &core.ProxyError{Status: 429}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := core.IsForbidden(c.err); got != c.forbidden {
				t.Errorf("IsForbidden is %v", got)
			}
			if got := core.IsNotFound(c.err); got != c.notFound {
				t.Errorf("IsNotFound is %v", got)
			}
			if got := core.IsRateLimited(c.err); got != c.rateLimited {
				t.Errorf("IsRateLimited is %v", got)
			}
		})
	}
}

func TestGraphQLErrorOfAnAnswer(t *testing.T) {
	err := fmt.Errorf("listing: %w", coded(200, "BAD_USER_INPUT", "limit is too large"))
	var first *core.GraphQLError
	if !errors.As(err, &first) || first.Code() != "BAD_USER_INPUT" {
		t.Errorf("found %v, want the first error of the answer", first)
	}
	if found, ok := errors.AsType[*core.GraphQLError](err); !ok || found != first {
		t.Errorf("AsType found %v", found)
	}
	if errors.As(&core.ResponseError{Status: 502}, &first) {
		t.Error("an answer without errors has none")
	}
	if _, ok := errors.AsType[*core.ArgumentError](err); ok {
		t.Error("an answer is no argument error")
	}
}
