package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/template"
)

// Text is a template of Go's text/template. It gets each record: an object as a map, a number as a
// [json.Number].
type Text struct {
	text     string
	template *template.Template
}

// ParseTemplate reads a template. Besides Go's own functions it has json, which returns the JSON of
// a value, and join, which joins a list: {{join ", " .tags}}.
func ParseTemplate(given string) (*Text, error) {
	t, err := template.New("template").Funcs(template.FuncMap{
		"json": func(value any) (string, error) {
			raw, err := Encode(value)
			return string(raw), err
		},
		"join": func(separator string, list []any) string {
			var parts []string
			for _, element := range list {
				parts = append(parts, fmt.Sprint(element))
			}
			return strings.Join(parts, separator)
		},
	}).Parse(given)
	return &Text{given, t}, err
}

// String returns the template.
func (t *Text) String() string { return t.text }

// templateForm prints what a template makes of each record, with a line break if it ends without
// one.
type templateForm struct {
	out      *buffer
	template *Text
}

func (f *templateForm) write(record []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(record))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := f.template.template.Execute(&b, value); err != nil {
		if cause := errors.Unwrap(err); cause != nil {
			return fmt.Errorf("the template failed: %w", err)
		}
		return err
	}
	if !bytes.HasSuffix(b.Bytes(), []byte("\n")) {
		b.WriteByte('\n')
	}
	return f.out.append(func(dst []byte) []byte { return append(dst, b.Bytes()...) })
}

func (f *templateForm) end() error { return nil }
