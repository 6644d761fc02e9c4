package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/lenientjson"
)

// message is a message of the client.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// frame is a message of the server. Its parts refer to the buffer that it was read into. A missing
// part or null is nil.
type frame struct {
	id      string // empty if it has none
	kind    string // its "type"; empty if it has none
	payload json.RawMessage
	// These are members of a frame without a payload, which gateways send.
	errors, fault, message json.RawMessage
}

// byteOrderMark precedes the messages of some servers, although JSON does not allow it.
const byteOrderMark = "\ufeff"

// withoutMark removes a byte order mark.
func withoutMark(text []byte) []byte { return bytes.TrimPrefix(text, []byte(byteOrderMark)) }

// parseFrame parses a frame. It ignores unknown members, members of another type, and an empty
// frame. It returns an error if the frame is not a JSON object, or its type is not a string.
func parseFrame(text []byte, limits core.Limits) (f frame, err error) {
	text = withoutMark(text)
	if len(bytes.TrimSpace(text)) == 0 {
		return frame{}, nil
	}
	d := lenientjson.NewDecoder(text, limits)
	if begin := d.Peek(); begin != '{' {
		if d.Value(); begin == 'n' {
			return frame{}, d.End()
		}
		if err := d.End(); err != nil {
			return frame{}, err
		}
		return frame{}, errNoObject
	}
	typed := true
	for key := range d.Members() {
		switch string(key) {
		case "id":
			f.id = parseID(d)
		case "type":
			begin := d.Peek()
			typed = begin == '"' || begin == 'n'
			f.kind = parseText(d)
		case "payload":
			f.payload = parseValue(d)
		case "errors":
			f.errors = parseValue(d)
		case "error":
			f.fault = parseValue(d)
		case "message":
			f.message = parseValue(d)
		}
	}
	if err := d.End(); err != nil || typed {
		return f, err
	}
	return frame{}, errNoType
}

// errNoType is returned for a frame with a type that is not a string.
var errNoType = errors.New("its type is not a string")

// parseText decodes a string, and returns "" for any other value.
func parseText(d *lenientjson.Decoder) (text string) {
	if d.Peek() == '"' {
		_ = d.Decode(&text) // a string decodes
	}
	return text
}

// parseID decodes the ID of a subscription, which some servers send as a number.
func parseID(d *lenientjson.Decoder) string {
	switch d.Peek() {
	case '"':
		return parseText(d)
	case 'n':
		return ""
	}
	text := string(d.Value())
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return text
}

// isOurs reports whether a frame is about the subscription of its connection. A frame without an ID
// is.
func (f *frame) isOurs() bool { return f.id == "" || f.id == streamID }

// parseValue returns the text of a value, or nil for null.
func parseValue(d *lenientjson.Decoder) json.RawMessage {
	if begin := d.Peek(); begin == 'n' {
		return nil
	}
	return d.Value()
}

// isError reports whether a frame reports that the connection or its subscription failed. A frame
// without a type does if it has a message, because gateways send such errors.
func (f *frame) isError() bool {
	switch f.kind {
	case "connection_error":
		return true
	case "error":
		return f.isOurs()
	case "":
		return f.errors != nil || f.fault != nil || f.message != nil
	}
	return false
}

// stated returns the part of a frame with the error: its payload, or else its own members.
func (f *frame) stated() json.RawMessage {
	switch {
	case f.payload != nil:
		return f.payload
	case f.errors != nil:
		return f.errors
	case f.fault != nil && f.message != nil:
		return slices.Concat([]byte("["), f.fault, []byte(","), f.message, []byte("]"))
	case f.fault != nil:
		return f.fault
	}
	return f.message
}
