package transport

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/taegis-go/taegis/core"
)

// errorList reads the errors of an answer in every form that servers write: a list of errors, one
// error, texts in place of errors, and another object or value, which is kept as it is written. The
// errors within an error follow it. It is empty for what says nothing: null, false, "", {} and [].
type errorList []core.GraphQLError

// UnmarshalJSON never returns an error.
func (l *errorList) UnmarshalJSON(text []byte) error {
	*l = parseErrors(text, mostLevels)
	return nil
}

// mostLevels bounds how deep errors are looked for within errors, since each level is read again.
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
		_ = json.Unmarshal(text, &items) // it is a list
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

// parseItem reads one error and the errors within it, which alone may prove that the operation was
// executed. An error that has nothing to say but these is left out.
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

// statedError holds the members by which servers say what is wrong: those of GraphQL, of RFC 6749,
// of RFC 9457 and of gateways.
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

// parseError reads one error. It has a message, a code or extensions, unless text says nothing.
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
	_ = json.Unmarshal(stated.Extensions, &e.Extensions) // what is no object has no code
	stated.addCode(&e)
	if e.Message = stated.text(stated.Message); e.Message == "" {
		e.Message = stated.sentence()
	}
	if e.Message == "" && e.Code() == "" {
		e.Message = stated.text(text)
	}
	return e
}

// addCode gives e the code that a server wrote beside the message and not into the extensions.
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

// sentence joins all that is said.
func (s *statedError) sentence() string {
	var parts []string
	for _, part := range []json.RawMessage{s.Error, s.Title, s.Message, s.Description, s.Detail, s.Reason} {
		if text := s.text(part); text != "" && !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ": ")
}

// text returns a member as a text: a string's own, the sentence of an object that has one, and
// anything else as it is written. It is empty for what says nothing.
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
	_ = json.Compact(&compact, member) // it is JSON
	return compact.String()
}

// parsePath reads a path, whose list indexes become ints. A server that writes it as one string
// separates the steps with dots.
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
