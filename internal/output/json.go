package output

import "github.com/taegis-go/taegis/internal/text"

// style is how JSON is shown.
type style struct {
	indent bool // on several lines
	color  bool
	escape bool // for a terminal
}

// recordForm prints records as JSON, one after another.
type recordForm struct {
	out    *buffer
	style  style
	format Format
	depth  int
}

func (f *recordForm) write(record []byte) error {
	return f.out.append(func(dst []byte) []byte {
		if f.format == lines && kindOf(record) == '"' {
			dst = append(dst, unquote(record)...)
		} else {
			dst = f.appendRecord(dst, record)
		}
		return append(dst, '\n')
	})
}

// appendRecord appends the JSON of a record without a line break at its end.
func (f *recordForm) appendRecord(dst, record []byte) []byte {
	if f.style.escape {
		record = text.JSON(record)
	}
	style := f.style
	style.indent = style.indent && (f.format == pretty || f.format == JSON)
	if !style.indent && !style.color {
		return appendCompact(dst, record)
	}
	return style.append(dst, record, f.depth)
}

func (f *recordForm) end() error { return nil }

// arrayForm prints records as the elements of one array: on lines of their own, or indented.
type arrayForm struct {
	recordForm
	begun bool
}

func (f *arrayForm) write(record []byte) error {
	return f.out.append(func(dst []byte) []byte {
		dst = append(dst, map[bool]string{true: ",\n", false: "[\n"}[f.begun]...)
		f.begun = true
		if f.style.indent {
			f.depth = 1
			dst = append(dst, indentation...)
		}
		return f.appendRecord(dst, record)
	})
}

func (f *arrayForm) end() error {
	return f.out.append(func(dst []byte) []byte {
		if f.begun {
			return append(dst, "\n]\n"...)
		}
		return append(dst, "[]\n"...)
	})
}

const indentation = "  "

// The colours of JSON, as jq and gh use them.
const (
	colorName   = "\x1b[1;34m"
	colorString = "\x1b[32m"
	colorNull   = "\x1b[36m"
	colorOther  = "\x1b[33m"
	colorHeader = "\x1b[1m"
	colorOff    = "\x1b[0m"
)

// append appends a value in the style, at a depth of indentation.
func (s style) append(dst, value []byte, depth int) []byte {
	last := byte(0)   // first byte of the last token
	var opened []byte // the brackets that are open
	for token := range tokens(value) {
		c := token[0]
		switch {
		case c == '}' || c == ']':
			opened = opened[:max(0, len(opened)-1)]
			if last != '{' && last != '[' {
				dst = s.line(dst, depth+len(opened))
			}
		case last == '{' || last == '[' || last == ',':
			dst = s.line(dst, depth+len(opened))
		case last == ':' && s.indent:
			dst = append(dst, ' ')
		}
		name := c == '"' && last != ':' && len(opened) > 0 && opened[len(opened)-1] == '{'
		dst = s.paint(dst, token, name)
		if c == '{' || c == '[' {
			opened = append(opened, c)
		}
		last = c
	}
	return dst
}

func (s style) line(dst []byte, depth int) []byte {
	if !s.indent {
		return dst
	}
	dst = append(dst, '\n')
	for range depth {
		dst = append(dst, indentation...)
	}
	return dst
}

// paint appends a token in its colour.
func (s style) paint(dst, token []byte, name bool) []byte {
	if !s.color {
		return append(dst, token...)
	}
	color := colorOther
	switch c := token[0]; {
	case c == '{', c == '}', c == '[', c == ']', c == ',', c == ':':
		return append(dst, token...)
	case name:
		color = colorName
	case c == '"':
		color = colorString
	case c == 'n':
		color = colorNull
	}
	dst = append(dst, color...)
	dst = append(dst, token...)
	return append(dst, colorOff...)
}
