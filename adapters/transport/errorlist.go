package transport

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/taegis-go/taegis/core"
)

// errorList decodes the errors of a response in every form that servers use: a list of errors, a
// single error, strings, and other objects or values. The text of those becomes the message. The
// errors within an error follow it. It is empty for null, false, "", {} and [].
type errorList []core.GraphQLError

// UnmarshalJSON accepts every value and never returns an error.
func (l *errorList) UnmarshalJSON(text []byte) error {
	*l = parseErrors(text, mostLevels)
	return nil
}

// mostLevels is the maximum depth of errors within errors, because each level is parsed again.
const mostLevels = 4

func parseErrors(text json.RawMessage, levels int) errorList {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return nil
	}
	switch text[0] {
	case 'n', 'f':
		return nil
	case '[':
		var items []json.RawMessage
		_ = json.Unmarshal(text, &items) // it is a valid list
		var list errorList
		for _, item := range items {
			list = append(list, parseItem(item, levels)...)
		}
		return list
	}
	list := parseItem(text, levels)
	if len(list) == 1 && list[0].Message == "" && list[0].Extensions == nil {
		return nil
	}
	return list
}

// parseItem decodes one error and the errors within it, which may be the only evidence that the
// operation was executed. It omits an error that contains nothing but other errors.
func parseItem(text json.RawMessage, levels int) errorList {
	var nested errorList
	var within statedError
	switch text = bytes.TrimSpace(text); {
	case levels == 0:
	case bytes.HasPrefix(text, []byte("[")):
		nested = parseErrors(text, levels-1)
	case bytes.HasPrefix(text, []byte("{")):
		_ = json.Unmarshal(text, &within) // it is an object
		nested = parseErrors(within.Errors, levels-1)
	}
	if len(nested) > 0 && within.text(within.Message) == "" {
		return nested
	}
	return append(errorList{parseError(text)}, nested...)
}

// statedError holds the members with which servers describe an error: those of GraphQL, RFC 6749,
// RFC 9457 and gateways.
type statedError struct {
	Message     json.RawMessage `json:"message"`
	Error       json.RawMessage `json:"error"`
	Description json.RawMessage `json:"error_description"`
	Title       json.RawMessage `json:"title"`
	Detail      json.RawMessage `json:"detail"`
	Reason      json.RawMessage `json:"reason"`
	Errors      json.RawMessage `json:"errors"`
	Code        json.RawMessage `json:"code"`
	ErrorCode   json.RawMessage `json:"errorCode"`
	ErrorType   json.RawMessage `json:"errorType"`
	Path        json.RawMessage `json:"path"`
	Locations   json.RawMessage `json:"locations"`
	Extensions  json.RawMessage `json:"extensions"`
}

// parseError decodes one error. The result has a message, a code or extensions, unless text is
// empty or has an empty value.
func parseError(text json.RawMessage) (e core.GraphQLError) {
	text = bytes.TrimSpace(text)
	var stated statedError
	if !bytes.HasPrefix(text, []byte("{")) {
		e.Message = stated.text(text)
		return e
	}
	_ = json.Unmarshal(text, &stated) // it is an object
	e.Path = parsePath(stated.Path)
	if json.Unmarshal(stated.Locations, &e.Locations) != nil {
		e.Locations = nil
	}
	_ = json.Unmarshal(stated.Extensions, &e.Extensions) // a value that is not an object has no code
	stated.addCode(&e)
	if e.Message = stated.text(stated.Message); e.Message == "" {
		e.Message = stated.sentence()
	}
	if e.Message == "" && e.Code() == "" {
		e.Message = stated.text(text)
	}
	return e
}

// addCode adds a code that the server sent next to the message instead of in the extensions.
func (s *statedError) addCode(e *core.GraphQLError) {
	if e.Code() != "" {
		return
	}
	for _, code := range []json.RawMessage{s.Code, s.ErrorCode, s.ErrorType} {
		if text := s.text(code); text != "" && len(text) < 64 && text[0] != '{' && text[0] != '[' {
			if e.Extensions == nil {
				e.Extensions = map[string]any{}
			}
			e.Extensions["code"] = text
			return
		}
	}
}

// sentence joins the parts of the description.
func (s *statedError) sentence() string {
	var parts []string
	for _, part := range []json.RawMessage{s.Error, s.Title, s.Message, s.Description, s.Detail, s.Reason} {
		if text := s.text(part); text != "" && !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ": ")
}

// text returns a member as text: the value of a string, the sentence of an object that has one, or
// the JSON text of another value. It returns "" for empty values.
func (*statedError) text(member json.RawMessage) string {
	switch string(member) {
	case "", "null", "{}", "[]", "false":
		return ""
	}
	switch member[0] {
	case '"':
		var text string
		_ = json.Unmarshal(member, &text) // it is a string
		if strings.TrimSpace(text) == "" {
			return ""
		}
		return text
	case '{':
		var inner struct{ Message, Error string }
		if _ = json.Unmarshal(member, &inner); inner.Message != "" || inner.Error != "" {
			return strings.Trim(inner.Error+": "+inner.Message, ": ")
		}
	}
	var compact bytes.Buffer
	_ = json.Compact(&compact, member) // it is valid JSON
	return compact.String()
}

// parsePath decodes a path, with list indexes as ints. Some servers send a string with dots between
// the steps.
func parsePath(text json.RawMessage) (path []any) {
	var joined string
	if json.Unmarshal(text, &path) == nil {
		for i, step := range path {
			if n, ok := step.(float64); ok && n == float64(int(n)) {
				path[i] = int(n)
			}
		}
		return path
	}
	if json.Unmarshal(text, &joined) != nil || joined == "" {
		return nil
	}
	for step := range strings.SplitSeq(joined, ".") {
		if n, err := strconv.Atoi(step); err == nil {
			path = append(path, n)
		} else {
			path = append(path, step)
		}
	}
	return path
}
