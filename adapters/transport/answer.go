package transport

import (
	"encoding/json"
	"errors"
	"io"
	"reflect"

	"github.com/taegis-go/taegis/core"
)

// answer is what a GraphQL answer says beside the value, which went where the caller wants it.
type answer struct {
	errors   []core.GraphQLError
	hasData  bool   // `data` is there and not null
	hasValue bool   // `data` has the operation's member; it may be null
	misfit   error  // why the value or the errors did not decode in full
	message  string // what a gateway that does not speak GraphQL says
}

// code reports whether one of the errors has the code.
func (a *answer) code(code string) bool {
	for _, e := range a.errors {
		if e.Code() == code {
			return true
		}
	}
	return false
}

// errNoObject is returned for JSON that is not an object.
var errNoObject = errors.New("not a JSON object")

// readAnswer decodes an answer while it arrives: the member called name of `data`, or all of
// `data` where name is empty, goes into out, which may be nil. What does not fit its type is
// noted and the rest is decoded all the same; an error means that the stream itself is broken.
func readAnswer(r io.Reader, name string, out any) (answer, error) {
	var a answer
	dec := json.NewDecoder(r)
	err := eachMember(dec, func(key string) error {
		switch key {
		case "data":
			return a.readData(dec, name, out)
		case "errors":
			var list []core.GraphQLError
			err := a.note(dec.Decode(&list))
			a.errors = withIntegers(list)
			return err
		case "message", "error":
			var text any
			err := dec.Decode(&text)
			if s, ok := text.(string); ok && a.message == "" {
				a.message = s
			}
			return err
		default:
			return dec.Decode(new(ignored))
		}
	})
	return a, err
}

// readData decodes the value of `data`.
func (a *answer) readData(dec *json.Decoder, name string, out any) error {
	if name == "" {
		null, err := decode(dec, out)
		a.hasData, a.hasValue = !null, !null
		return a.note(err)
	}
	err := eachMember(dec, func(key string) error {
		a.hasData = true
		if key != name {
			return dec.Decode(new(ignored))
		}
		a.hasValue = true
		_, err := decode(dec, out)
		return a.note(err)
	})
	if errors.Is(err, errNull) {
		return nil
	}
	a.hasData = a.hasData || err == nil
	return err
}

// note keeps an error about a type, and returns one about the stream.
func (a *answer) note(err error) error {
	if err == nil || brokenStream(err) {
		return err
	}
	if a.misfit == nil {
		a.misfit = err
	}
	return nil
}

func brokenStream(err error) bool {
	if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		return true
	}
	return brokenOff(err) || errors.Is(err, io.EOF) || errors.Is(err, errTooLarge)
}

// errNull is returned for null in place of an object.
var errNull = errors.New("null")

// eachMember reads an object and calls member after each key; member reads the value.
func eachMember(dec *json.Decoder, member func(key string) error) error {
	open, err := dec.Token()
	switch {
	case err != nil:
		return err
	case open == nil:
		return errNull
	case open != json.Delim('{'):
		return errNoObject
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return torn(err)
		}
		if err := member(key.(string)); err != nil { // a key is always a string
			return torn(err)
		}
	}
	_, err = dec.Token()
	return torn(err)
}

// torn turns the end of the text inside of an object into the error that it is.
func torn(err error) error {
	if err == io.EOF { //nolint:errorlint // a decoder returns io.EOF itself
		return io.ErrUnexpectedEOF
	}
	return err
}

// decode decodes the next value into out and reports whether it was null.
func decode(dec *json.Decoder, out any) (null bool, err error) {
	if out == nil {
		out = new(ignored)
	}
	v := reflect.ValueOf(out)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		_ = dec.Decode(new(ignored))
		return false, &json.InvalidUnmarshalError{Type: v.Type()}
	}
	// encoding/json empties an interface for null, and otherwise fills what it points to.
	holder := out
	err = dec.Decode(&holder)
	if holder == nil {
		return true, json.Unmarshal([]byte("null"), out)
	}
	return v.Elem().Kind() == reflect.Pointer && v.Elem().IsNil(), err
}

// ignored decodes from anything and keeps nothing.
type ignored struct{}

func (*ignored) UnmarshalJSON([]byte) error { return nil }

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
