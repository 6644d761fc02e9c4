package cli

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/internal/text"
)

// streams are what a command writes to. Much of what it writes comes from servers, plugins and
// files, none of which is to steer the terminal, or to speak in the place of the command.
type streams struct {
	// out and err are for people: what a terminal would not show is escaped.
	out, err *text.Writer
	// data is for programs and gets every byte as it is, but for a terminal.
	data io.Writer
	// screen is stderr as it is, for a prompt that moves the cursor.
	screen     io.Writer
	atTerminal bool // stdout is one
}

func newApp(stdin io.Reader, stdout, stderr io.Writer) *app {
	a := &app{in: stdin}
	a.out, a.err, a.data, a.screen = text.NewWriter(stdout), text.NewWriter(stderr), stdout, stderr
	if isTerminal(stdout) {
		a.data, a.atTerminal = a.out, true
	}
	return a
}

// flush writes what still waits for the rest of a character.
func (s *streams) flush() {
	_, _ = s.out.Close(), s.err.Close() // nobody is left to tell
}

// printf writes a line for people, or a few: each argument stays on its line.
func (s *streams) printf(format string, args ...any) error {
	return redact.Fprintf(s.out, format, args...)
}

// page writes lines that were put together before.
func (s *streams) page(lines string) error {
	_, err := io.WriteString(s.out, lines)
	return err
}

// say writes a line for people that is no data.
func (s *streams) say(format string, args ...any) {
	_ = redact.Fprintf(s.err, format+"\n", args...) // nobody is left to tell of a stderr that is gone
}

// warn writes a line for people about what they may not expect.
func (s *streams) warn(format string, args ...any) { s.say("taegis: warning: "+format, args...) }

// complain writes what went wrong.
func (s *streams) complain(err error) { fmt.Fprintln(s.err, "taegis:", wordsOf(err)) }

// wordsOf is an error as people are given it: some of its words come from others. How to find the
// help is a line of ours.
func wordsOf(err error) string {
	if usage, ok := err.(*usageError); ok { //nolint:errorlint // one that wraps it says more
		return redact.Block(usage.err.Error()) + "\n" + usage.help()
	}
	return redact.Block(err.Error())
}

// printJSON writes a value as one JSON document.
func (s *streams) printJSON(value any) error {
	document, err := encodeJSON(value)
	if err == nil {
		_, err = s.out.Write(text.JSON(document))
	}
	return err
}

// printText writes a text of several lines as it is.
func (s *streams) printText(lines string) error {
	_, err := io.WriteString(s.data, lines)
	return err
}

// printRaw writes a line that was asked for as it is, a secret too.
func (s *streams) printRaw(line string) error {
	return s.printText(line + "\n")
}

// printData writes a line of the server's own JSON, to a terminal so that it can be shown.
func (s *streams) printData(document json.RawMessage) error {
	if s.atTerminal {
		document = text.JSON(document)
	}
	_, err := s.data.Write(append(document, '\n'))
	return err
}
