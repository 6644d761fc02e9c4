package profile

import (
	"errors"
	"slices"

	"github.com/pelletier/go-toml/v2"
)

// Strings is a list that the file may also hold as a single string, if it has one element.
type Strings []string

// UnmarshalTOML reads a string or an array of strings. Empty strings are left out.
func (s *Strings) UnmarshalTOML(text []byte) error {
	var doc struct{ Value any }
	if err := toml.Unmarshal(append([]byte("Value = "), text...), &doc); err != nil {
		return err
	}
	values, ok := doc.Value.([]any)
	if !ok {
		values = []any{doc.Value}
	}
	*s = nil
	for _, value := range values {
		text, ok := value.(string)
		if !ok {
			return errNoStrings
		}
		if text != "" {
			*s = append(*s, text)
		}
	}
	return nil
}

var errNoStrings = errors.New("neither a string nor a list of strings")

// toml returns the value as the file holds it.
func (s Strings) toml() string {
	switch len(s) {
	case 0:
		return quote("")
	case 1:
		return quote(s[0])
	}
	return "[" + quoted(slices.Clone(s)) + "]"
}
