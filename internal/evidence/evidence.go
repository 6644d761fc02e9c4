// Package evidence decides what an answer proves about its operation: whether it was executed,
// and whether its access token was rejected. The session, retries and schema adaptation share
// this one decision, so that no two of them disagree about what may be repeated.
package evidence

import (
	"net/http"

	"github.com/taegis-go/taegis/core"
)

// Codes of errors (extensions.code) that prove something.
const (
	// CodeUnauthenticated marks a rejected access token.
	CodeUnauthenticated = "UNAUTHENTICATED"
	// CodeInvalid marks a document or variables that do not fit the schema, as Apollo's servers
	// and gqlgen send it.
	CodeInvalid = "GRAPHQL_VALIDATION_FAILED"
	// CodeUnparsable marks a document with a syntax error.
	CodeUnparsable = "GRAPHQL_PARSE_FAILED"
)

// Answer is what the decision depends on.
type Answer struct {
	// Status is the HTTP status; 200 for a message of a subscription.
	Status int
	Data   Data
	Errors []core.GraphQLError
}

// Data describes an answer's `data`. __typename, which needs no resolver, does not count.
type Data int

// Kinds of `data`.
const (
	DataNone  Data = iota // it is absent, null or empty
	DataNull              // a root field, and all of them are null
	DataValue             // a root field with a value
)

// Of returns what an answer proves, and whether it reports a rejected access token.
//
// Any proof of execution wins, whatever the status: a value, an error with a path below a
// root field, or an error that a service behind the gateway has sent (extensions.serviceName). An
// answer that proves execution can still say that the token was rejected, by an error of such a
// service that does not say what it belongs to: then the token is suspect, but a mutation must not
// be repeated.
//
// Without such a proof, HTTP 401 is a rejected token, and so is the code UNAUTHENTICATED of an
// error that has at most one step in its path, under any status but 403. Then come the weaker signs
// of execution: a root field that is null, and an error of a root field under a status of success.
// HTTP 429 without any of these is a throttled request.
func Of(a Answer) (proves core.Evidence, rejected bool) {
	f := collect(a.Errors)
	switch {
	case f.executed, a.Data == DataValue:
		return core.EvidenceExecuted, false
	case f.vague:
		return core.EvidenceExecuted, a.Status != http.StatusForbidden
	case a.Status == http.StatusUnauthorized, f.rejected && a.Status != http.StatusForbidden:
		return core.EvidenceRejected, true
	case a.Data == DataNull, f.ran && a.Status/100 == 2:
		return core.EvidenceExecuted, false
	case a.Status == http.StatusTooManyRequests:
		return core.EvidenceThrottled, false
	case f.invalid:
		return core.EvidenceInvalid, false
	}
	return core.EvidenceUnknown, false
}

// findings is the combined evidence of the errors of an answer.
type findings struct {
	executed bool // the operation was executed
	ran      bool // a root field has an error
	rejected bool // the token was rejected
	vague    bool // by a service, without a path
	invalid  bool // the document or its variables do not fit
}

func collect(errors []core.GraphQLError) (f findings) {
	for _, e := range errors {
		switch {
		case len(e.Path) > 1 && !OfVariables(e):
			f.executed = true
		case e.Code() == CodeUnauthenticated:
			f.rejected = true
			f.vague = f.vague || ofService(e) && len(e.Path) == 0
		case ofService(e):
			f.executed = true
		case len(e.Path) == 1 && !OfVariables(e):
			f.ran = true
		case e.Code() == CodeInvalid, e.Code() == CodeUnparsable:
			f.invalid = true
		}
	}
	return f
}

// OfVariables reports whether the path of an error leads into the variables, which is gqlparser's
// way to say which of them does not fit.
func OfVariables(e core.GraphQLError) bool { return len(e.Path) > 0 && e.Path[0] == "variable" }

// ofService reports whether an error comes from a service behind a federated gateway.
func ofService(e core.GraphQLError) bool {
	_, ok := e.Extensions["serviceName"]
	return ok
}
