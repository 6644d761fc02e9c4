package cmdutil

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/internal/text"
)

// Streams are the outputs of a command. Much of what it writes comes from servers, plugins and
// files, none of which may steer the terminal or look like a message of the command.
type Streams struct {
	// Out and Err are standard output and standard error for users: what a terminal would not
	// show is escaped.
	Out, Err *text.Writer
	// Screen is standard error as it is, for a prompt that moves the cursor.
	Screen io.Writer

	data       io.Writer // standard output for programs, which gets every byte as it is
	atTerminal bool      // standard output is a terminal; data then escapes as Out does
}

// Flush writes what waits for the rest of a character.
func (s *Streams) Flush() {
	_, _ = s.Out.Close(), s.Err.Close() // nobody is left to tell
}

// Printf writes to Out. Each argument stays on its line.
func (s *Streams) Printf(format string, args ...any) error {
	return redact.Fprintf(s.Out, format, args...)
}

// PrintPage writes lines to Out that were put together before.
func (s *Streams) PrintPage(lines string) error {
	_, err := io.WriteString(s.Out, lines)
	return err
}

// Infof writes a message to Err, with a line break.
func (s *Streams) Infof(format string, args ...any) {
	_ = redact.Fprintf(s.Err, format+"\n", args...) // nobody is left to tell of a stderr that is gone
}

// Warnf writes a warning to Err.
func (s *Streams) Warnf(format string, args ...any) { s.Infof("taegis: warning: "+format, args...) }

// PrintError writes what went wrong to Err.
func (s *Streams) PrintError(err error) { fmt.Fprintln(s.Err, "taegis:", wordsOf(err)) }

// wordsOf is an error as users are given it: some of its words come from others. How to find the
// help is a line of ours.
func wordsOf(err error) string {
	if usage, ok := err.(*usageError); ok { //nolint:errorlint // one that wraps it says more
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

// PrintText writes a text of several lines as it is.
func (s *Streams) PrintText(lines string) error {
	_, err := io.WriteString(s.data, lines)
	return err
}

// PrintRaw writes a line as it is, for example a secret that the user asked for.
func (s *Streams) PrintRaw(line string) error {
	return s.PrintText(line + "\n")
}

// PrintData writes the JSON of a server as it is, on a terminal with escapes.
func (s *Streams) PrintData(document json.RawMessage) error {
	if s.atTerminal {
		document = text.JSON(document)
	}
	_, err := s.data.Write(append(document, '\n'))
	return err
}
