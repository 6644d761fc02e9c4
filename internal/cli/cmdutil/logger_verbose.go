package cmdutil

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/internal/redact"
)

// verbose is the [slog.Handler] of --verbose. It writes slog's text format, and the curl line of a
// request unquoted on a separate line. The text format would quote it again, so that it could not be
// pasted into a shell.
type verbose struct {
	text slog.Handler
	out  io.Writer
	mu   *sync.Mutex // keeps both lines together; shared with the handlers that WithAttrs returns
}

func newVerbose(out io.Writer) *verbose {
	options := slog.HandlerOptions{Level: transport.LevelTrace, ReplaceAttr: withoutSecrets}
	return &verbose{text: slog.NewTextHandler(out, &options), out: out, mu: new(sync.Mutex)}
}

// withoutSecrets redacts values that look like secrets.
func withoutSecrets(_ []string, attr slog.Attr) slog.Attr {
	switch value := attr.Value.Any().(type) {
	case string:
		attr.Value = slog.StringValue(redact.Text(value))
	case error:
		attr.Value = slog.StringValue(redact.Block(value.Error()))
	}
	return attr
}

// curlKey is the key of the attribute with the curl line.
const curlKey = "curl"

// Enabled implements [slog.Handler].
func (v *verbose) Enabled(ctx context.Context, level slog.Level) bool {
	return v.text.Enabled(ctx, level)
}

// Handle implements [slog.Handler].
func (v *verbose) Handle(ctx context.Context, r slog.Record) error {
	curl := ""
	rest := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(attr slog.Attr) bool {
		if attr.Key == curlKey && attr.Value.Kind() == slog.KindString {
			curl = attr.Value.String()
		} else {
			rest.AddAttrs(attr)
		}
		return true
	})
	v.mu.Lock()
	defer v.mu.Unlock()
	err := v.text.Handle(ctx, rest)
	if err == nil && curl != "" {
		_, err = fmt.Fprintln(v.out, curl)
	}
	return err
}

// WithAttrs implements [slog.Handler].
func (v *verbose) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *v
	with.text = v.text.WithAttrs(attrs)
	return &with
}

// WithGroup implements [slog.Handler].
func (v *verbose) WithGroup(name string) slog.Handler {
	with := *v
	with.text = v.text.WithGroup(name)
	return &with
}
