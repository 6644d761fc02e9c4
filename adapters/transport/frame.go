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

// message is what a client sends.
type message struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// frame is what a server sends. Its parts belong to the buffer that it was read into, and are nil if
// it does not have them, or has null.
type frame struct {
	id      string // empty if it has none
	kind    string // its "type"; empty if it has none
	payload json.RawMessage
	// These are for a frame without a payload. Gateways in front of a server write them.
	errors, fault, message json.RawMessage
}

// byteOrderMark may stand before a text; JSON does not allow it, and some servers write it.
const byteOrderMark = "\ufeff"

// withoutMark returns text without the byte order mark.
func withoutMark(text []byte) []byte { return bytes.TrimPrefix(text, []byte(byteOrderMark)) }

// parseFrame reads a frame. Members that are not known, or of another type, are ignored, and so is a
// frame without any text. An error means that it is not a JSON object, or that its type is not a
// string.
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

// errNoType is for a frame whose type is not a text.
var errNoType = errors.New("its type is not a string")

// parseText reads a string, and returns "" for what is none.
func parseText(d *lenientjson.Decoder) (text string) {
	if d.Peek() == '"' {
		_ = d.Decode(&text) // a string fits
	}
	return text
}

// parseID reads the id of a subscription, which some servers write as a number.
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

// isOurs reports whether a frame is about the subscription of its connection. One without an id can
// be about no other.
func (f *frame) isOurs() bool { return f.id == "" || f.id == streamID }

// parseValue returns a value as it is written, nil for null.
func parseValue(d *lenientjson.Decoder) json.RawMessage {
	if begin := d.Peek(); begin == 'n' {
		return nil
	}
	return d.Value()
}

// isError reports whether a frame says that the connection or its subscription has failed. One
// without a type does if it has a message: a gateway wrote it.
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

// stated returns where a frame says what has failed: its payload, or members of its own.
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
