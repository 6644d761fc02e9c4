package paging

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strings"
)

// Cursor is a point between two rows of a run. Its text continues the run in another process; see
// [From]. The zero Cursor is the start of a run, and its text is empty.
type Cursor struct {
	text string // given, or rendered already
	id   identity
	at   func(n int) position // nil if text is given
	n    int
}

// cursorVersion begins the text of a cursor. Another format gets another number.
const cursorVersion = "1."

// String returns the text of the cursor, of letters, digits and ".-_". It is opaque.
func (c Cursor) String() string {
	if c.at == nil {
		return c.text
	}
	state := cursorText{Operation: c.id.operation, Args: c.id.args, Position: c.at(c.n)}
	encoded, err := json.Marshal(state)
	if err != nil {
		return "" // unreachable: a position has plain fields only
	}
	return cursorVersion + base64.RawURLEncoding.EncodeToString(encoded)
}

// MarshalText returns the text of the cursor. Its error is always nil.
func (c Cursor) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText sets the cursor to a text, without checking it; [From] does.
func (c *Cursor) UnmarshalText(text []byte) error {
	*c = Cursor{text: string(text)}
	return nil
}

// identity says to which run a cursor belongs.
type identity struct{ operation, args string }

// cursorText is the content of a cursor's text.
type cursorText struct {
	Operation string   `json:"o"`
	Args      string   `json:"a"`
	Position  position `json:"p"`
}

// position is where a run continues: a page, and what was returned of it. Each strategy uses some
// of the fields.
type position struct {
	Number   int    `json:"n,omitzero"`
	Cursor   string `json:"c,omitzero"`
	Continue bool   `json:"k,omitzero"`
	Size     int    `json:"s,omitzero"`
	First    *int   `json:"f,omitzero"` // number of the first page, once it is known
	Total    int    `json:"t,omitzero"`
	// Query is the caller's query with fixed bounds.
	Query string `json:"q,omitzero"`
	// Last is the time of the last row in seconds; Query continues there.
	Last int64 `json:"l,omitzero"`
	// Unordered is set if the rows are not newest first: the search is repeated as a whole.
	Unordered bool `json:"u,omitzero"`
	// Lost is set if the cursor cannot continue, because it would have to hold too many ids.
	Lost bool `json:"x,omitzero"`
	// Count is the number of rows returned so far, if the query bounds it.
	Count int `json:"r,omitzero"`
	// Keys are rows that were returned already.
	Keys keys `json:"i,omitzero"`
	// Skip is the number of rows without an id that were returned of the page already.
	Skip   int      `json:"j,omitzero"`
	Failed []string `json:"e,omitzero"`
	Done   bool     `json:"d,omitzero"`
}

// restore returns the position of a cursor's text, nil for the start.
func restore(text string, want identity) (*position, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	const hint = "start without a cursor, or use the one of this run"
	encoded, known := strings.CutPrefix(text, cursorVersion)
	raw, err := base64.RawURLEncoding.DecodeString(encoded)
	var state cursorText
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		err = d.Decode(&state)
	}
	switch {
	case !known || err != nil || state.Operation == "":
		return nil, &CursorError{Reason: "the text is not a cursor of this version", HintText: hint}
	case state.Operation != want.operation:
		return nil, &CursorError{Reason: "it belongs to " + state.Operation + ", not to " + want.operation, HintText: hint}
	case state.Args != want.args:
		return nil, &CursorError{Reason: "it belongs to other arguments of " + want.operation, HintText: hint}
	case state.Position.Lost:
		return nil, &CursorError{
			Reason:   "the rows are in no order and too many were returned",
			HintText: "start without a cursor, with a shorter time window",
		}
	}
	return &state.Position, nil
}

// key identifies a row by its id. 0 stands for a row without an id.
type key uint64

func keyOf(id string) key {
	if id == "" {
		return 0
	}
	sum := sha256.Sum256([]byte(id))
	return max(key(binary.LittleEndian.Uint64(sum[:])), 1)
}

// keys are written as the base64 of 8 bytes each.
type keys []key

// MarshalJSON encodes the keys.
func (k keys) MarshalJSON() ([]byte, error) {
	raw := make([]byte, 0, 8*len(k))
	for _, one := range k {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(one))
	}
	return json.Marshal(raw)
}

// UnmarshalJSON decodes the keys.
func (k *keys) UnmarshalJSON(text []byte) error {
	var raw []byte
	if err := json.Unmarshal(text, &raw); err != nil {
		return err
	}
	*k = nil
	for ; len(raw) >= 8; raw = raw[8:] {
		*k = append(*k, key(binary.LittleEndian.Uint64(raw)))
	}
	return nil
}

// argsHash identifies arguments, however their members are ordered.
func argsHash(args any) (string, error) {
	text, err := json.Marshal(args)
	if err != nil {
		return "", err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return "", err
	}
	if text, err = json.Marshal(value); err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:12]), nil
}
