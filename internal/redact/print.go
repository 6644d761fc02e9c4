package redact

import (
	"fmt"
	"io"

	"github.com/taegis-go/taegis/internal/text"
)

// Sprintf is [fmt.Sprintf] for a line with untrusted values: each argument that is text, an error
// or a [fmt.Stringer] is put on one line first, without secrets. A width counts what is shown.
func Sprintf(format string, args ...any) string {
	shown := make([]any, len(args))
	for i, arg := range args {
		shown[i] = onOneLine(arg)
	}
	return fmt.Sprintf(format, shown...)
}

// Fprintf writes what [Sprintf] returns.
func Fprintf(w io.Writer, format string, args ...any) error {
	_, err := io.WriteString(w, Sprintf(format, args...))
	return err
}

func onOneLine(arg any) any {
	switch arg := arg.(type) {
	case string:
		return text.OneLine(Text(arg))
	case []byte:
		return text.OneLine(Text(string(arg)))
	case error:
		return text.OneLine(Text(arg.Error()))
	case fmt.Stringer:
		return text.OneLine(Text(arg.String()))
	}
	return arg
}
