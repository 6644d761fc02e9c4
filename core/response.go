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

// Code returns extensions.code, for example "UNAUTHENTICATED", a number as it is written; "" if there
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

// Error returns the message, or else the code, on one line, without control characters and secrets,
// with the path before it if there is one. Message has it as the server sent it.
func (e GraphQLError) Error() string { return redact.Message(atPath(e.Path, e.said())) }

// said returns the message, or what stands in for it.
func (e GraphQLError) said() string {
	return cmp.Or(e.Message, e.Code(), "an error that the server does not describe")
}

// of returns the error's text for an error that names the operation itself.
func (e GraphQLError) of(operation string) string {
	path := e.Path
	if len(path) > 0 && path[0] == operation {
		path = path[1:]
	}
	return redact.Message(strings.TrimPrefix(atPath(path, e.said()), operation+": "))
}

// Response is what an answer says beside its data.
type Response struct {
	Operation string // the operation's name
	Host      string // the API host that answered
	// Status is the HTTP status; 101 for a subscription that was opened.
	Status int
	// RequestID is the X-Request-Id of the answer, by which support finds the call; empty where
	// there was none.
	RequestID string
	// Adaptations say how the operation was changed before it was sent to this server, whose schema
	// differs. Nil means that it was sent as it was written.
	Adaptations []Adaptation
}

// ResponseError is returned for an answer that is not a full success. The data that did arrive
// has been decoded all the same.
type ResponseError struct {
	Operation string // the operation's name
	Host      string // the API host that answered
	Status    int    // the HTTP status
	// Partial reports that there was a value as well, which has been decoded.
	Partial bool
	// Evidence is what the answer proves about the execution of the operation.
	Evidence Evidence
	// RequestID is the X-Request-Id of the answer, by which support finds the call.
	RequestID string
	Errors    []GraphQLError
	// Reason says what was wrong where the answer was no GraphQL, such as "an HTML page".
	Reason string
	// RetryAfter is how long the server asked to wait before trying again; 0 where it did not.
	RetryAfter time.Duration
	Err        error // the cause: ErrUnauthorized for a rejected token, decoding errors ([DecodeError]), or nil
}

// Error names the operation, the status, what the server said, and the request's id, on one line
// without control characters and secrets. Of what the server said it has at most 2 KiB.
func (e *ResponseError) Error() string {
	parts := []string{redact.Message(e.Operation)}
	if e.Status != 200 {
		parts = append(parts, redact.Message(cmp.Or(e.Host, theServer))+" answered "+strconv.Itoa(e.Status))
	}
	if said := e.said(); said != "" {
		parts = append(parts, said)
	}
	if e.Err != nil {
		parts = append(parts, redact.Message(strings.TrimPrefix(e.Err.Error(), e.Operation+": ")))
	}
	if e.Status == 200 && e.Err == nil && e.said() == "" {
		parts = append(parts, "not a full success")
	}
	what := joined(parts...)
	if e.RequestID != "" {
		what += " (request " + text.Truncate(redact.Message(e.RequestID), longestID) + ")"
	}
	return what
}

// longestID is how much of a request's id an error repeats, in bytes.
const longestID = 128

// said is what the server said, as it is shown.
func (e *ResponseError) said() string {
	var parts []string
	if e.Reason != "" {
		parts = append(parts, e.Reason)
	}
	for i, g := range e.Errors {
		if i == shownErrors {
			break // more do not fit
		}
		parts = append(parts, g.of(e.Operation))
	}
	return redact.Message(strings.Join(parts, ": "))
}

// shownErrors bounds how many errors of an answer are put into words.
const shownErrors = 100

// Unwrap returns the cause.
func (e *ResponseError) Unwrap() error { return e.Err }

// ConnectionError is returned where a request got no answer.
type ConnectionError struct {
	Operation string // the operation's name, or the login request
	Host      string
	// Sent reports whether the request may have reached the server: if not, nothing was
	// executed and repeating is safe.
	Sent bool
	Err  error // the cause: a [*TLSError] where there was no agreement on TLS
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

// joined joins the parts of an error's text, those that there are.
func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), ": ")
}

// Unwrap returns the cause.
func (e *ConnectionError) Unwrap() error { return e.Err }

// ArgumentError is returned for arguments that do not fit the operation. Nothing was sent.
type ArgumentError struct {
	Operation string // the operation's name; empty if the argument is one of all operations, such as the tenant
	Argument  string // the argument's name; empty where all of them are meant
	Reason    string
	Err       error // the cause, nil where there is none
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
