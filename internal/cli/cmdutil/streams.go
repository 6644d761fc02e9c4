package cmdutil

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/internal/text"
)

// Streams are the outputs of a command. Text from servers, plugins and files is escaped, so that it
// cannot control the terminal or imitate a message of the command.
type Streams struct {
	// Out and Err are standard output and standard error. They escape control characters.
	Out, Err *text.Writer
	// Screen is standard error without escaping, for a prompt that moves the cursor.
	Screen io.Writer

	stdout     io.Writer // standard output without escaping
	data       io.Writer // stdout, or Out if standard output is a terminal
	atTerminal bool      // standard output is a terminal
	progress   *progress // on standard error, nil if that is no terminal
}

// Flush writes incomplete characters that are still buffered.
func (s *Streams) Flush() {
	_, _ = s.Out.Close(), s.Err.Close() // there is no stream left to report to
}

// Printf writes to Out. Line breaks in arguments are escaped.
func (s *Streams) Printf(format string, args ...any) error {
	return redact.Fprintf(s.Out, format, args...)
}

// PrintPage writes complete lines to Out.
func (s *Streams) PrintPage(lines string) error {
	_, err := io.WriteString(s.Out, lines)
	return err
}

// Infof writes a message and a line break to Err.
func (s *Streams) Infof(format string, args ...any) {
	_ = redact.Fprintf(s.Err, format+"\n", args...) // an error of stderr cannot be reported
}

// Warnf writes a warning to Err.
func (s *Streams) Warnf(format string, args ...any) { s.Infof("taegis: warning: "+format, args...) }

// PrintError writes an error to Err.
func (s *Streams) PrintError(err error) { fmt.Fprintln(s.Err, "taegis:", errorText(err)) }

// errorText returns the redacted message of an error. A usage error has a second line that names the
// help.
func errorText(err error) string {
	if usage, ok := err.(*usageError); ok { //nolint:errorlint // an error that wraps it has its own message
		return redact.Block(usage.err.Error()) + "\n" + usage.help()
	}
	return redact.Block(err.Error())
}

// PrintJSON writes a value as an indented JSON document.
func (s *Streams) PrintJSON(value any) error {
	document, err := encodeJSON(value)
	if err == nil {
		_, err = s.Out.Write(text.JSON(document))
	}
	return err
}

// PrintText writes text without escaping.
func (s *Streams) PrintText(lines string) error {
	_, err := io.WriteString(s.data, lines)
	return err
}

// PrintRaw writes a line without escaping, for example a secret that the user requested.
func (s *Streams) PrintRaw(line string) error {
	return s.PrintText(line + "\n")
}

// PrintData writes the JSON of a server unchanged, or escaped if standard output is a terminal.
func (s *Streams) PrintData(document json.RawMessage) error {
	if s.atTerminal {
		document = text.JSON(document)
	}
	_, err := s.data.Write(append(document, '\n'))
	return err
}

// Data returns standard output for records as they are: at a terminal their text is escaped.
func (s *Streams) Data() io.Writer { return s.data }
