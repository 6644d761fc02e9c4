package transport

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/evidence"
	"github.com/taegis-go/taegis/internal/partial"
)

// answer is what a GraphQL answer says beside the value, which went where the caller wants it.
type answer struct {
	errors   []core.GraphQLError
	hasData  bool   // `data` is there and not null
	hasValue bool   // `data` has the operation's member; it may be null
	data     evidence.Data
	misfit   error  // why the value or the errors did not decode in full
	message  string // what a gateway that does not speak GraphQL says
}

// errTrailing is noted for an answer with more text behind it.
var errTrailing = errors.New("something follows it")

// readAnswer reads an answer of size bytes, or of unknown size where that is negative, to its end and
// decodes it.
func readAnswer(b *body, size int64, name string, out any, limits core.Limits) (answer, error) {
	text := buffers.Get().(*bytes.Buffer)
	defer release(text)
	if err := b.readAll(text, size); err != nil {
		return answer{}, err
	}
	return decodeAnswer(text.Bytes(), name, out, limits)
}

// decodeAnswer decodes the text of an answer: the member called name of `data`, or all of `data`
// where name is empty, goes into out, which may be nil. What does not fit its type, or follows the
// answer, is noted, and the rest is decoded all the same. An error means that the text is no answer;
// it is [io.ErrUnexpectedEOF] where the rest of one is missing, and a [*core.LimitError] for one that
// is too much.
func decodeAnswer(text []byte, name string, out any, limits core.Limits) (answer, error) {
	var a answer
	err := a.decode(text, name, out, limits)
	if err == nil {
		return a, nil
	}
	if _, exceeded := errors.AsType[*core.LimitError](err); exceeded {
		return answer{}, err
	}
	var object json.RawMessage
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&object); err != nil {
		return answer{}, err
	}
	a = answer{misfit: errTrailing}
	return a, a.decode(object, name, out, limits)
}

func (a *answer) decode(text []byte, name string, out any, limits core.Limits) error {
	d := partial.NewDecoder(text, limits)
	if d.Peek() != '{' {
		return errNoObject
	}
	for key := range d.Members() {
		switch string(key) {
		case "data":
			a.decodeData(d, name, out)
		case "errors":
			a.errors = nil
			a.note(d.Decode(&a.errors))
			withIntegers(a.errors)
		case "message", "error":
			if a.message == "" {
				_ = d.Decode(&a.message) // it is a text or of no use
			}
		}
	}
	return d.End()
}

// decodeData decodes the value of `data`.
func (a *answer) decodeData(d *partial.Decoder, name string, out any) {
	begin := d.Peek()
	a.hasData = begin != 'n'
	switch {
	case name == "":
		a.hasValue = a.hasData
		if a.hasData && begin != '{' {
			a.data = evidence.DataValue
		}
		ahead := d.Fork()
		for key := range ahead.Members() {
			a.noteRoot(string(key), ahead.Peek())
		}
		a.decodeValue(d, out)
	case begin == '{':
		for key := range d.Members() {
			a.noteRoot(string(key), d.Peek())
			if string(key) == name {
				a.hasValue = true
				a.decodeValue(d, out)
			}
		}
	case a.hasData:
		a.data = evidence.DataValue
		a.note(errNoObject)
	}
}

// noteRoot notes a member of `data` whose value begins with begin.
func (a *answer) noteRoot(name string, begin byte) {
	switch {
	case name == "__typename" || begin == 0:
	case begin == 'n':
		a.data = max(a.data, evidence.DataNull)
	default:
		a.data = evidence.DataValue
	}
}

func (a *answer) decodeValue(d *partial.Decoder, out any) {
	if out != nil {
		a.note(d.Decode(out))
	}
}

// note keeps the first error about what does not fit.
func (a *answer) note(err error) {
	if a.misfit == nil {
		a.misfit = err
	}
}

// withIntegers turns the list indexes in the errors' paths into ints.
func withIntegers(list []core.GraphQLError) []core.GraphQLError {
	for _, e := range list {
		for i, step := range e.Path {
			if n, ok := step.(float64); ok && n == float64(int(n)) {
				e.Path[i] = int(n)
			}
		}
	}
	return list
}
