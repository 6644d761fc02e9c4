package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/partial"
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

var (
	// errNoObject is returned for an answer that is not a JSON object.
	errNoObject = errors.New("not a JSON object")
	// errTrailing is noted for an answer with more text behind it.
	errTrailing = errors.New("something follows it")
)

// readAnswer reads an answer to its end and decodes it: the member called name of `data`, or all
// of `data` where name is empty, goes into out, which may be nil. What does not fit its type is
// noted and the rest is decoded all the same; an error means that the text itself is no answer,
// or not a whole one.
func readAnswer(r io.Reader, name string, out any) (answer, error) {
	text, err := readObject(r)
	if text == nil {
		return answer{}, err
	}
	var a answer
	a.note(err)
	for key, value := range partial.Members(text) {
		switch key {
		case "data":
			a.readData(value, name, out)
		case "errors":
			a.errors = nil
			a.note(partial.UnmarshalValid(value, &a.errors))
			withIntegers(a.errors)
		case "message", "error":
			if a.message == "" {
				_ = partial.UnmarshalValid(value, &a.message) // it is a text or of no use
			}
		}
	}
	return a, nil
}

// readObject returns the JSON object that r has, beside errTrailing if there is more; else nil.
func readObject(r io.Reader) (json.RawMessage, error) {
	begin := make([]byte, 512)
	n, err := io.ReadFull(r, begin)
	if begin = bytes.TrimLeft(begin[:n], " \t\r\n"); len(begin) > 0 && begin[0] != '{' {
		return nil, errNoObject // there is no need to read on
	}
	var text []byte
	switch err {
	case nil:
		text, err = io.ReadAll(io.MultiReader(bytes.NewReader(begin), r))
	case io.EOF, io.ErrUnexpectedEOF: //nolint:errorlint // of ReadFull itself: that is all
		text, err = begin, nil
	}
	switch {
	case err != nil:
		return nil, err
	case json.Valid(text):
		return text, nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	var object json.RawMessage
	if err := d.Decode(&object); err != nil {
		return nil, err // io.EOF for nothing at all, io.ErrUnexpectedEOF where the rest is missing
	}
	return object, errTrailing
}

// readData decodes the value of `data`.
func (a *answer) readData(data json.RawMessage, name string, out any) {
	a.hasData = string(data) != "null"
	switch {
	case name == "":
		a.hasValue = a.hasData
		a.decode(data, out)
	case data[0] == '{':
		for key, value := range partial.Members(data) {
			if key == name {
				a.hasValue = true
				a.decode(value, out)
			}
		}
	case a.hasData:
		a.note(errNoObject)
	}
}

func (a *answer) decode(value json.RawMessage, out any) {
	if out != nil {
		a.note(partial.UnmarshalValid(value, out))
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
