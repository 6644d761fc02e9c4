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

// Logger writes to stderr: everything with --verbose, else warnings, a line each and each once. A
// command makes more than one client, and each of them reads the files.
func (a *App) Logger() *slog.Logger {
	if a.Global.Verbose {
		return slog.New(newVerbose(a.Err))
	}
	if a.told == nil {
		a.told = new(sync.Map)
	}
	return slog.New(&warnings{out: a.Err, mu: new(sync.Mutex), told: a.told})
}

// warnings is a [slog.Handler] for users: one line a warning, without time and level.
type warnings struct {
	out   io.Writer
	mu    *sync.Mutex // guards out; shared by the handlers that WithAttrs makes
	told  *sync.Map   // the lines that were written
	group string      // prefix of the attributes' names
	attrs string      // those of WithAttrs, formatted
}

// Enabled is part of [slog.Handler].
func (w *warnings) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

// Handle is part of [slog.Handler].
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
	if _, told := w.told.LoadOrStore(line, true); told {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := fmt.Fprintln(w.out, line)
	return err
}

// WithAttrs is part of [slog.Handler].
func (w *warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *w
	for _, attr := range attrs {
		with.attrs += format(w.group, attr)
	}
	return &with
}

// WithGroup is part of [slog.Handler].
func (w *warnings) WithGroup(name string) slog.Handler {
	with := *w
	if name != "" {
		with.group += name + "."
	}
	return &with
}

// format writes an attribute as ", name value", and the members of a group one after the other.
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

// OneLine is a message on one line, whose own lines semicolons part.
func OneLine(message string) string {
	lines := strings.FieldsFunc(message, func(r rune) bool { return r == '\n' || r == '\r' })
	return redact.Message(strings.Join(lines, "; "))
}
