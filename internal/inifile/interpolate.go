package inifile

import "strings"

const (
	// maxDepth is configparser's MAX_INTERPOLATION_DEPTH.
	maxDepth = 10
	// maxExpansion bounds the work that references to references can cause, in bytes.
	maxExpansion = 1 << 20
)

// escape makes configparser read value as it is.
func escape(value string) string { return strings.ReplaceAll(value, "%", "%%") }

// expand resolves "%%" and "%(key)s" as configparser's BasicInterpolation does. If configparser
// would raise an exception, for example for a lone "%" or an unknown reference, the text stays as
// it is.
func (f *File) expand(section, raw string) string {
	x := expansion{file: f, section: section, left: maxExpansion}
	x.write(raw, 1)
	return x.out.String()
}

type expansion struct {
	file    *File
	section string
	out     strings.Builder
	left    int
}

func (x *expansion) write(raw string, depth int) {
	for {
		before, rest, found := strings.Cut(raw, "%")
		x.out.WriteString(before)
		if !found {
			return
		}
		if strings.HasPrefix(rest, "%") {
			x.out.WriteByte('%')
			raw = rest[1:]
			continue
		}
		name, length := reference(rest)
		value, ok := x.file.raw(x.section, strings.ToLower(name))
		x.left -= 1 + len(value)
		if length == 0 || !ok || depth == maxDepth || x.left < 0 {
			x.out.WriteByte('%')
			raw = rest
			continue
		}
		x.write(value, depth+1)
		raw = rest[length:]
	}
}

// reference returns the name in "(name)s" at the start of text and the length of it all, 0 if
// there is none.
func reference(text string) (name string, length int) {
	end := strings.IndexByte(text, ')')
	if end < 2 || text[0] != '(' || !strings.HasPrefix(text[end:], ")s") {
		return "", 0
	}
	return text[1:end], end + len(")s")
}
