package transport

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/evidence"
	"github.com/taegis-go/taegis/internal/lenientjson"
)

// answer holds the parts of a GraphQL response except the result, which was decoded into the
// caller's variable.
type answer struct {
	errors   []core.GraphQLError
	nested   errorList // the member `errors` of `data`, which some servers send
	hasData  bool      // `data` is there and not null
	hasValue bool      // `data` has the operation's member; it may be null
	data     evidence.Data
	misfit   error  // the error if the value did not decode completely
	message  string // the text of a response without data and errors, for example of a gateway
}

// errTrailing is recorded for a response that is followed by further text.
var errTrailing = errors.New("unexpected text after the response")

// readAnswer reads a response to its end and decodes it. size is its length in bytes, negative if
// unknown.
func readAnswer(b *body, size int64, name string, out any, limits core.Limits) (answer, error) {
	text := buffers.Get().(*bytes.Buffer)
	defer release(text)
	if err := b.readAll(text, size); err != nil {
		return answer{}, err
	}
	return decodeAnswer(text.Bytes(), name, out, limits)
}

// decodeAnswer decodes the text of a response. It decodes the member name of `data`, or all of
// `data` if name is empty, into out, which may be nil. It records a value that does not fit its
// type and text after the response, and decodes the rest. It returns an error if the text is not a
// response: [io.ErrUnexpectedEOF] if its end is missing, a [*core.LimitError] if it exceeds a
// limit.
func decodeAnswer(text []byte, name string, out any, limits core.Limits) (answer, error) {
	var a answer
	text = withoutMark(bytes.TrimLeft(text, " \t\r\n"))
	err := a.decode(text, name, out, limits)
	if err == nil {
		a.addMessage(text, limits)
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
	d := lenientjson.NewDecoder(text, limits)
	if d.Peek() != '{' {
		return errNoObject
	}
	for key := range d.Members() {
		switch string(key) {
		case "data":
			a.decodeData(d, name, out)
		case "errors":
			a.errors = append(a.errors, decodeErrors(d)...)
		}
	}
	a.errors = append(a.errors, a.nested...)
	return d.End()
}

// longestAnswer is the maximum length of a response that an error shows unparsed.
const longestAnswer = 4 << 10

// addMessage records the text of a response without data and errors.
func (a *answer) addMessage(text []byte, limits core.Limits) {
	if a.hasData || len(a.errors) > 0 {
		return
	}
	var stated statedError
	if lenientjson.NewDecoder(text, limits).Decode(&stated) != nil {
		return // it exceeds a limit
	}
	if a.message = stated.sentence(); a.message == "" && !saysNothing(text) {
		a.message = string(text[:min(len(text), longestAnswer)])
	}
}

// saysNothing reports whether a response has only the members of GraphQL.
func saysNothing(text []byte) bool {
	d := lenientjson.NewDecoder(text, core.Limits{})
	for key := range d.Members() {
		switch string(key) {
		case "data", "errors", "extensions":
		default:
			return false
		}
	}
	return true
}

// decodeData decodes the value of `data`.
func (a *answer) decodeData(d *lenientjson.Decoder, name string, out any) {
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
			switch string(key) {
			case name:
				a.noteRoot(name, d.Peek())
				a.hasValue = true
				a.decodeValue(d, out)
			case "errors":
				a.nested = append(a.nested, decodeErrors(d)...)
			default:
				a.noteRoot(string(key), d.Peek())
			}
		}
	case a.hasData:
		a.data = evidence.DataValue
		a.note(errNoObject)
	}
}

// noteRoot records a member of `data`. begin is the first token of its value.
func (a *answer) noteRoot(name string, begin byte) {
	switch {
	case name == "__typename" || begin == 0:
	case begin == 'n':
		a.data = max(a.data, evidence.DataNull)
	default:
		a.data = evidence.DataValue
	}
}

// decodeErrors decodes the value of `errors`.
func decodeErrors(d *lenientjson.Decoder) (list errorList) {
	_ = d.Decode(&list) // its UnmarshalJSON accepts everything
	return list
}

func (a *answer) decodeValue(d *lenientjson.Decoder, out any) {
	if out != nil {
		a.note(d.Decode(out))
	}
}

// note records the first error about a value that does not fit its type.
func (a *answer) note(err error) {
	if a.misfit == nil {
		a.misfit = err
	}
}
