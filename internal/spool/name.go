package spool

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// textExtensions are those of plain text that names keep. Others get ".log", because some tenants
// refuse them (docs/protocol.md#log-files).
var textExtensions = []string{".log", ".txt"}

// longestName is how many bytes the name of an input contributes to the names of its parts.
const longestName = 64

// BaseName returns what the names of parts are made of, for the path of an input: letters, digits,
// dots, dashes and underscores, and the extension of a text file.
func BaseName(path string) string {
	name := filepath.Base(path)
	if path == Pipe {
		name = "stdin"
	}
	extension := strings.ToLower(filepath.Ext(name))
	if slices.Contains(textExtensions, extension) {
		name = name[:len(name)-len(extension)]
	} else {
		extension = textExtensions[0]
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '.', r == '-', r == '_':
			return r
		}
		return '_'
	}, name)
	name = strings.TrimLeft(name, ".-")
	if name == "" {
		name = "log"
	}
	return name[:min(len(name), longestName)] + extension
}

// shownDigest is how many digits of its digest the name of a part has.
const shownDigest = 12

// partName returns the name of a part: that of the input with the digest and the number of the
// part. The same bytes of the same input always have the same name.
func partName(base, digest string, number int) string {
	extension := filepath.Ext(base)
	return fmt.Sprintf("%s-%s-%04d%s", strings.TrimSuffix(base, extension), digest[:shownDigest], number+1, extension)
}
