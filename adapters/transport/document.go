package transport

import (
	"cmp"
	"strings"

	"github.com/taegis-go/taegis/core"
)

// document is the text of an operation without its inline values. Each inline value is a hole with
// the form of a variable, "$name", so the text is valid GraphQL and does not depend on the values.
type document struct {
	text  string
	holes []hole // in the order of the text
}

// hole is the position of an inline value: text[start:end] is "$argument".
type hole struct {
	argument   string
	start, end int
}

// newDocument writes the operation of req with the arguments that are in args.
func newDocument(req *core.Request, args arguments) document {
	op := req.Operation
	selection := cmp.Or(req.Selection, op.Selection)
	var d document
	var b strings.Builder
	b.Grow(len(selection) + 256) // most of the text
	b.WriteString(string(cmp.Or(op.Kind, core.KindQuery)) + " " + op.Name)

	variables := list{b: &b}
	for _, a := range op.Arguments {
		if args.has(a.Name) && !a.Inline {
			variables.add("$" + a.Name + ": " + a.Declared())
		}
	}
	variables.end()

	b.WriteString(" { " + op.Name)
	if op.Field != "" {
		b.WriteString(": " + op.Field)
	}
	given := list{b: &b}
	for _, a := range op.Arguments {
		if !args.has(a.Name) {
			continue
		}
		given.add(a.Name + ": $" + a.Name)
		if a.Inline {
			d.holes = append(d.holes, hole{a.Name, b.Len() - len("$"+a.Name), b.Len()})
		}
	}
	given.end()

	if selection != "" {
		b.WriteByte('\n') // the selection is on the second line; see core.Operation
		b.WriteString(selection)
		if strings.Contains(selection[strings.LastIndexAny(selection, "\r\n")+1:], "#") {
			b.WriteByte('\n') // a comment at the end must not hide the brace
		}
	}
	b.WriteString(" }")
	d.text = b.String()
	return d
}

// fill replaces the holes by the inline values.
func (d document) fill(args arguments) (string, error) {
	if len(d.holes) == 0 {
		return d.text, nil
	}
	var text []byte
	last := 0
	for _, h := range d.holes {
		text = append(text, d.text[last:h.start]...)
		var err error
		if text, err = appendLiteral(text, args[h.argument]); err != nil {
			return "", &core.ArgumentError{Argument: h.argument, Reason: "it cannot be encoded as a GraphQL literal", Err: err}
		}
		last = h.end
	}
	return string(append(text, d.text[last:]...)), nil
}

// list writes "(a, b)", or nothing if there are no items.
type list struct {
	b     *strings.Builder
	begun bool
}

func (l *list) add(item string) {
	if l.begun {
		l.b.WriteString(", ")
	} else {
		l.b.WriteByte('(')
		l.begun = true
	}
	l.b.WriteString(item)
}

func (l *list) end() {
	if l.begun {
		l.b.WriteByte(')')
	}
}
