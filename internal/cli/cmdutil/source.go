package cmdutil

import (
	"context"
	"strings"

	"github.com/taegis-go/taegis/internal/ctxio"
)

// FromStdin reports whether a text is read from stdin, as "-" or "@-".
func FromStdin(source string) bool { return source == "-" || source == "@-" }

// ReadSource returns the text of an argument: the argument itself, or the contents of the file or of
// stdin that it names by @FILE or -.
func ReadSource(ctx context.Context, a *App, source string) (string, error) {
	path, isFile := strings.CutPrefix(source, "@")
	var text []byte
	var err error
	switch {
	case FromStdin(source):
		text, err = ctxio.ReadAll(ctx, a.In)
	case isFile:
		text, err = ReadFile(ctx, path)
	default:
		return source, nil
	}
	return string(text), err
}
