package core

import (
	"errors"
	"fmt"
)

// CloseError is the close message with which a server ended a WebSocket. It is the cause of a
// [*ResponseError] if connecting again would end in the same way, for example with 4403, and of a
// [*ConnectionError] if it might succeed, for example after 1012.
type CloseError struct {
	// Code is the close code of RFC 6455, section 7.4, or from 4000 on one of the subscription
	// protocol (docs/protocol.md#subscriptions), for example 4401 for a rejected token. 1005 means
	// that there was none.
	Code int
	// Reason is the server's reason, without the request's secrets; often empty.
	Reason string
	Err    error // the error of the WebSocket library, with the same code and reason; nil if there is none
}

// closeCodes are the meanings of close codes, because servers seldom send a reason.
var closeCodes = map[int]string{
	1000: "normal closure", 1001: "going away", 1002: "protocol error", 1003: "unsupported data",
	1007: "invalid data", 1008: "policy violation", 1009: "message too big", 1010: "missing extension",
	1011: "internal error", 1012: "service restart", 1013: "try again later", 1014: "bad gateway",
	4400: "bad request", 4401: "unauthorized", 4403: "forbidden", 4406: "subprotocol not acceptable",
	4408: "initialisation timeout", 4409: "subscriber already exists", 4429: "too many initialisation requests",
	4500: "internal error", 4504: "acknowledgement timeout",
}

const closeNoCode = 1005

// Error returns the code, and the server's reason or else the meaning of the code.
func (e *CloseError) Error() string {
	what := fmt.Sprintf("the server closed the connection with code %d", e.Code)
	if e.Code == closeNoCode {
		what = "the server closed the connection without a code"
	}
	reason := e.Reason
	if reason == "" {
		reason = closeCodes[e.Code]
	}
	if reason == "" {
		return what
	}
	return what + ": " + reason
}

// Unwrap returns the error of the WebSocket library.
func (e *CloseError) Unwrap() error { return e.Err }

// isClose reports whether err is a close message, the text of which already names the connection.
func isClose(err error) bool {
	_, ok := errors.AsType[*CloseError](err)
	return ok
}
