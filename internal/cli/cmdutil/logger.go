package cmdutil

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"github.com/taegis-go/taegis/internal/redact"
)

// Logger returns a logger that writes to stderr: everything if --verbose is given, otherwise warnings,
// one line each. It writes a warning once, although a command can create several clients that each
// read the same files.
func (a *App) Logger() *slog.Logger {
	if a.Global.Verbose {
		return slog.New(newVerbose(a.Err))
	}
	if a.warned == nil {
		a.warned = new(sync.Map)
	}
	return slog.New(&warnings{out: a.Err, mu: new(sync.Mutex), written: a.warned})
}

// warnings is a [slog.Handler] that writes one line for each warning, without time and level.
type warnings struct {
	out     io.Writer
	mu      *sync.Mutex // guards out; shared with the handlers that WithAttrs returns
	written *sync.Map   // the lines that were written
	group   string      // prefix of the attribute names
	attrs   string      // formatted attributes of WithAttrs
}

// Enabled implements [slog.Handler].
func (w *warnings) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

// Handle implements [slog.Handler].
func (w *warnings) Handle(_ context.Context, r slog.Record) error {
	attrs := w.attrs
	r.Attrs(func(attr slog.Attr) bool {
		attrs += format(w.group, attr)
		return true
	})
	line := "taegis: warning: " + r.Message
	if attrs != "" {
		line += " (" + strings.TrimPrefix(attrs, ", ") + ")"
	}
	line = OneLine(line)
	if _, written := w.written.LoadOrStore(line, true); written {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := fmt.Fprintln(w.out, line)
	return err
}

// WithAttrs implements [slog.Handler].
func (w *warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *w
	for _, attr := range attrs {
		with.attrs += format(w.group, attr)
	}
	return &with
}

// WithGroup implements [slog.Handler].
func (w *warnings) WithGroup(name string) slog.Handler {
	with := *w
	if name != "" {
		with.group += name + "."
	}
	return &with
}

// format returns an attribute as ", name value", and a group as its members.
func format(group string, attr slog.Attr) string {
	value := attr.Value.Resolve()
	if value.Kind() != slog.KindGroup {
		return fmt.Sprintf(", %s%s %s", group, attr.Key, value)
	}
	if attr.Key != "" {
		group += attr.Key + "."
	}
	var b strings.Builder
	for _, member := range value.Group() {
		b.WriteString(format(group, member))
	}
	return b.String()
}

// OneLine returns a message as one redacted line. Semicolons replace its line breaks.
func OneLine(message string) string {
	lines := strings.FieldsFunc(message, func(r rune) bool { return r == '\n' || r == '\r' })
	return redact.Message(strings.Join(lines, "; "))
}
