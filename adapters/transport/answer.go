package transport

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/evidence"
	"github.com/taegis-go/taegis/internal/lenientjson"
)

// answer is what a GraphQL answer says beside the value, which went where the caller wants it.
type answer struct {
	errors   []core.GraphQLError
	nested   errorList // the member `errors` of `data`, where some servers write them
	hasData  bool      // `data` is there and not null
	hasValue bool      // `data` has the operation's member; it may be null
	data     evidence.Data
	misfit   error  // why the value did not decode in full
	message  string // what is said in place of data and errors, as by a gateway that speaks no GraphQL
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

// longestAnswer bounds what is kept of an answer that is shown as it is.
const longestAnswer = 4 << 10

// addMessage notes what an answer says that has neither data nor errors.
func (a *answer) addMessage(text []byte, limits core.Limits) {
	if a.hasData || len(a.errors) > 0 {
		return
	}
	var stated statedError
	if lenientjson.NewDecoder(text, limits).Decode(&stated) != nil {
		return // it passes a limit
	}
	if a.message = stated.sentence(); a.message == "" && !saysNothing(text) {
		a.message = string(text[:min(len(text), longestAnswer)])
	}
}

// saysNothing reports whether an answer has no members but those of GraphQL.
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

// decodeErrors decodes the value of `errors`.
func decodeErrors(d *lenientjson.Decoder) (list errorList) {
	_ = d.Decode(&list) // it takes everything
	return list
}

func (a *answer) decodeValue(d *lenientjson.Decoder, out any) {
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
