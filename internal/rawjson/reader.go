package rawjson

import "encoding/json"

// Reader finds several values below one JSON value, and scans each object once. It is not safe for
// concurrent use.
type Reader struct {
	value   json.RawMessage
	scanned bool
	members []readerMember
}

type readerMember struct {
	quoted json.RawMessage // the name
	below  *Reader
}

// NewReader returns a Reader of a value.
func NewReader(value json.RawMessage) *Reader { return &Reader{value: value} }

// At returns what [At] returns.
func (r *Reader) At(path ...string) json.RawMessage {
	for _, name := range path {
		if r = r.member(name); r == nil {
			return nil
		}
	}
	return r.value
}

func (r *Reader) member(name string) *Reader {
	if !r.scanned {
		r.scan()
	}
	for i := range r.members {
		if isName(r.members[i].quoted, name) {
			return r.members[i].below
		}
	}
	return nil
}

// scan reads the members of an object. Those that are null count as absent.
func (r *Reader) scan() {
	r.scanned = true
	s := scanner{text: r.value}
	if !s.open('{') {
		return
	}
	for !s.close('}') {
		key := s.value()
		if key == nil || !s.open(':') {
			return
		}
		m := readerMember{quoted: key}
		if value := s.value(); !IsNull(value) {
			m.below = &Reader{value: value}
		}
		r.members = append(r.members, m)
	}
}
