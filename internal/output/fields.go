package output

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Fields is a list of paths into a record, for example severity or metadata.title.
type Fields struct {
	paths [][]string
	root  field
}

// field is a name at one level of the paths.
type field struct {
	name     string
	column   int // index of the path that ends here, or -1
	children []*field
	seen     bool // a record has the field
}

// ParseFields reads paths that are separated by commas; the names of a path are separated by dots.
// A backslash takes a comma, a dot or a backslash as part of a name. It returns an error for an
// empty name and for a path that occurs twice.
func ParseFields(list string) (*Fields, error) {
	var paths [][]string
	var path []string
	var name strings.Builder
	endName := func() error {
		if strings.TrimSpace(name.String()) == "" {
			return fmt.Errorf("%q has an empty name: write paths such as id,metadata.title", list)
		}
		path = append(path, strings.TrimSpace(name.String()))
		name.Reset()
		return nil
	}
	escaped := false
	for _, r := range list + "," {
		switch {
		case escaped:
			name.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
		case r == '.' || r == ',':
			if err := endName(); err != nil {
				return nil, err
			}
			if r == ',' {
				paths, path = append(paths, path), nil
			}
		default:
			name.WriteRune(r)
		}
	}
	if name.Len() > 0 || escaped {
		return nil, fmt.Errorf("%q ends in a backslash", list)
	}
	return newFields(paths)
}

// newFields returns the fields with these paths.
func newFields(paths [][]string) (*Fields, error) {
	f := &Fields{paths: paths, root: field{column: -1}}
	for i, path := range paths {
		at := &f.root
		for _, name := range path {
			next := at.child(name)
			if next == nil {
				next = &field{name: name, column: -1}
				at.children = append(at.children, next)
			}
			at = next
		}
		if at.column >= 0 {
			return nil, errors.New("the field " + joinPath(path) + " occurs twice")
		}
		at.column = i
	}
	return f, nil
}

var pathEscapes = strings.NewReplacer(`\`, `\\`, `.`, `\.`, `,`, `\,`)

// joinPath is the inverse of [ParseFields] for one path.
func joinPath(path []string) string {
	names := slices.Clone(path)
	for i := range names {
		names[i] = pathEscapes.Replace(names[i])
	}
	return strings.Join(names, ".")
}

// String returns the list.
func (f *Fields) String() string {
	var paths []string
	for _, path := range f.paths {
		paths = append(paths, joinPath(path))
	}
	return strings.Join(paths, ",")
}

// unknown returns the paths that no record had.
func (f *Fields) unknown() []string {
	var unknown []string
	for _, path := range f.paths {
		at := &f.root
		for _, name := range path {
			at = at.child(name)
		}
		if !at.seen {
			unknown = append(unknown, joinPath(path))
		}
	}
	return unknown
}

func (f *field) child(name string) *field {
	for _, c := range f.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// match returns the child with the name of a member, or nil.
func (f *field) match(quoted []byte) *field {
	plain := len(quoted) >= 2 && !slices.Contains(quoted, '\\')
	for _, c := range f.children {
		if plain && string(quoted[1:len(quoted)-1]) == c.name || !plain && unquote(quoted) == c.name {
			return c
		}
	}
	return nil
}

// project appends a record with only the selected members, in the order of the fields. In an array
// it does so for each element. Another value stays as it is.
func (f *field) project(dst, value []byte) []byte {
	switch kindOf(value) {
	case '[':
		dst = append(dst, '[')
		for element := range elements(value) {
			dst = f.project(comma(dst, '['), element)
		}
		return append(dst, ']')
	case '{':
	default:
		return appendCompact(dst, value)
	}
	found := make([][]byte, len(f.children))
	for name, member := range members(value) {
		if i := slices.Index(f.children, f.match(name)); i >= 0 {
			found[i] = member
		}
	}
	dst = append(dst, '{')
	for i, c := range f.children {
		if found[i] == nil {
			continue
		}
		c.seen = true
		dst = append(appendQuoted(comma(dst, '{'), c.name), ':')
		if c.column >= 0 { // a path ends here, so that longer ones are part of it
			dst = appendCompact(dst, found[i])
			c.seeAll(found[i])
		} else {
			dst = c.project(dst, found[i])
		}
	}
	return append(dst, '}')
}

// comma appends a comma unless the text ends with the opening bracket.
func comma(dst []byte, opening byte) []byte {
	if dst[len(dst)-1] == opening {
		return dst
	}
	return append(dst, ',')
}

// seeAll marks the fields below f that a value has.
func (f *field) seeAll(value []byte) {
	if len(f.children) > 0 {
		_ = f.project(nil, value)
	}
}

// pick stores the values of the paths into the cells of their columns. It returns how many members
// of the record belong to no field.
func (f *field) pick(record []byte, cells [][]byte) (others int) {
	for name, value := range members(record) {
		c := f.match(name)
		if c == nil {
			others++
			continue
		}
		c.seen = true
		if c.column >= 0 {
			cells[c.column] = value
		}
		switch {
		case len(c.children) == 0:
		case kindOf(value) == '[':
			c.pickEach(value, cells)
		default:
			c.pick(value, cells)
		}
	}
	return others
}

// pickEach stores an array of the elements' values into each column below f.
func (f *field) pickEach(array []byte, cells [][]byte) {
	columns := f.columns(nil)
	for _, c := range columns {
		cells[c] = nil
	}
	for element := range elements(array) {
		one := make([][]byte, len(cells))
		if kindOf(element) == '[' {
			f.pickEach(element, one)
		} else {
			f.pick(element, one)
		}
		for _, c := range columns {
			switch {
			case one[c] == nil:
				continue
			case cells[c] == nil:
				cells[c] = []byte{'['}
			default:
				cells[c] = append(cells[c], ',')
			}
			cells[c] = append(cells[c], one[c]...)
		}
	}
	for _, c := range columns {
		if cells[c] != nil {
			cells[c] = append(cells[c], ']')
		}
	}
}

// columns appends the columns below f.
func (f *field) columns(all []int) []int {
	for _, c := range f.children {
		if c.column >= 0 {
			all = append(all, c.column)
		}
		all = c.columns(all)
	}
	return all
}

// Project returns a record with only these fields, on one line. An array is projected element by element.
func (f *Fields) Project(record json.RawMessage) json.RawMessage { return f.root.project(nil, record) }
