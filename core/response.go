package core

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/internal/text"
)

// GraphQLError is one entry of an answer's errors.
type GraphQLError struct {
	Message string `json:"message"`
	// Path leads to the field that failed; its elements are strings and ints.
	Path []any `json:"path,omitempty"`
	// Locations are the places in the document that the error is about.
	Locations  []Location     `json:"locations,omitempty"`
	Extensions map[string]any `json:"extensions,omitempty"`
}

// Location is a place in a GraphQL document; both numbers count from 1.
type Location struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

// Code returns extensions.code, for example "UNAUTHENTICATED", also if it is a number; "" if there
// is none.
func (e GraphQLError) Code() string {
	switch code := e.Extensions["code"].(type) {
	case string:
		return code
	case float64:
		return strconv.FormatFloat(code, 'f', -1, 64)
	}
	return ""
}

// Error returns the path, and the message or else the code, on one line without control characters
// and secrets. Message is unchanged.
func (e GraphQLError) Error() string { return redact.Message(atPath(e.Path, e.description())) }

// description returns the message or its replacement.
func (e GraphQLError) description() string {
	return cmp.Or(e.Message, e.Code(), "an error that the server does not describe")
}

// of returns the error's text without the operation's name at its beginning.
func (e GraphQLError) of(operation string) string {
	path := e.Path
	if len(path) > 0 && path[0] == operation {
		path = path[1:]
	}
	return redact.Message(strings.TrimPrefix(atPath(path, e.description()), operation+": "))
}

// Response is an answer of the server, without its data.
type Response struct {
	Operation string // the operation's name
	Host      string // the API host that answered
	// Status is the HTTP status; 101 for a subscription that was opened.
	Status int
	// RequestID is the X-Request-Id of the answer, which support can look up; empty if there was
	// none.
	RequestID string
	// Date is the server's clock when it answered, in whole seconds; zero if the answer does not
	// have it.
	Date time.Time
	// Adaptations describe how the operation was adapted to this server's schema before it was
	// sent. Nil means that it was sent unchanged.
	Adaptations []Adaptation
}

// ResponseError is returned for an answer that is not a complete success. The data that arrived was
// decoded.
type ResponseError struct {
	Operation string // the operation's name
	Host      string // the API host that answered
	Status    int    // the HTTP status
	// Partial reports whether the answer also had a value, which was decoded.
	Partial bool
	// Evidence is what the answer proves about the execution of the operation.
	Evidence Evidence
	// RequestID is the X-Request-Id of the answer, which support can look up.
	RequestID string
	Errors    []GraphQLError
	// Reason describes an answer that is not GraphQL, for example "an HTML page".
	Reason string
	// RetryAfter is how long the server asked to wait before the next attempt; 0 if it did not.
	RetryAfter time.Duration
	// Err is the cause: ErrUnauthorized for a rejected token, decoding errors ([DecodeError]), or
	// nil.
	Err error
}

// Error returns the operation, the status, the server's errors and the request's id, on one line
// without control characters and secrets. It has at most 2 KiB of the server's errors.
func (e *ResponseError) Error() string {
	parts := []string{redact.Message(e.Operation)}
	if e.Status != 200 {
		parts = append(parts, redact.Message(cmp.Or(e.Host, theServer))+" answered "+strconv.Itoa(e.Status))
	}
	if description := e.description(); description != "" {
		parts = append(parts, description)
	}
	if e.Err != nil {
		parts = append(parts, redact.Message(strings.TrimPrefix(e.Err.Error(), e.Operation+": ")))
	}
	if e.Status == 200 && e.Err == nil && e.description() == "" {
		parts = append(parts, "not a full success")
	}
	what := joined(parts...)
	if e.RequestID != "" {
		what += " (request " + text.Truncate(redact.Message(e.RequestID), longestID) + ")"
	}
	return what
}

// longestID is how much of a request's id an error shows, in bytes.
const longestID = 128

// description returns the reason and the server's errors.
func (e *ResponseError) description() string {
	var parts []string
	if e.Reason != "" {
		parts = append(parts, e.Reason)
	}
	for i, g := range e.Errors {
		if i == shownErrors {
			break // more would be cut off
		}
		parts = append(parts, g.of(e.Operation))
	}
	return redact.Message(strings.Join(parts, ": "))
}

// shownErrors is how many errors of an answer are looked at for a text.
const shownErrors = 100

// Unwrap returns the cause.
func (e *ResponseError) Unwrap() error { return e.Err }

// RepeatableError is returned if fusion refused a mutation for a reason that passes: the same call
// succeeds after some tries. It is not known whether a refused mutation can have had an effect, so
// the client repeats it only if the request has FindDuplicate; see
// docs/protocol.md#refusals-that-pass.
type RepeatableError struct {
	Operation string // the operation's name
	Tries     int    // how often it was sent
	Err       error  // the server's answer, and what ended the repetitions
}

func (e *RepeatableError) Error() string {
	tries := "once"
	if e.Tries > 1 {
		tries = strconv.Itoa(e.Tries) + " times"
	}
	cause := strings.TrimPrefix(e.Err.Error(), e.Operation+": ")
	return sentence(e.Operation+": the server refused it "+tries+" for a reason that passes: "+cause, e.Hint())
}

// Hint returns what to check before the call is repeated.
func (e *RepeatableError) Hint() string {
	if e.Operation == "addEvidenceToCase" {
		return "look at the evidence of the case, and repeat the call if it is not there"
	}
	return "look for the case, for example by its title, and repeat the call if there is none"
}

// Unwrap returns the server's answer, and what ended the repetitions.
func (e *RepeatableError) Unwrap() error { return e.Err }

// ConnectionError is returned if a request received no answer.
type ConnectionError struct {
	Operation string // the operation's name, or the login request
	Host      string
	// Sent reports whether the request may have reached the server. If it is false, nothing was
	// executed, and a retry is safe.
	Sent bool
	Err  error // the cause, for example a [*TLSError]
}

func (e *ConnectionError) Error() string {
	what := "no connection to "
	switch {
	case isClose(e.Err):
		what = ""
	case e.Sent:
		what = "no answer from "
	}
	cause := ""
	if e.Err != nil {
		cause = strings.TrimPrefix(e.Err.Error(), e.Operation+": ")
	}
	return redact.Message(joined(e.Operation, what+cmp.Or(e.Host, theServer), cause))
}

// theServer stands for a host that is not known.
const theServer = "the server"

// joined joins the parts of an error's text that are not empty.
func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), ": ")
}

// Unwrap returns the cause.
func (e *ConnectionError) Unwrap() error { return e.Err }

// ArgumentError is returned if the arguments do not fit the operation. Nothing was sent.
type ArgumentError struct {
	// Operation is the operation's name; empty if all operations have the argument, for example
	// the tenant.
	Operation string
	Argument  string // the argument's name; empty for all of them
	Reason    string
	Err       error // the cause, nil if there is none
}

func (e *ArgumentError) Error() string {
	var parts []string
	if e.Operation != "" {
		parts = append(parts, e.Operation)
	}
	if e.Argument != "" {
		parts = append(parts, "argument "+e.Argument)
	}
	parts = append(parts, e.Reason)
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	return redact.Message(joined(parts...))
}

// Unwrap returns the cause.
func (e *ArgumentError) Unwrap() error { return e.Err }
