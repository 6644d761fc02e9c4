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

// verbose is the [slog.Handler] of --verbose: slog's text, and on a line of its own, as it is, the
// curl line of a request. Within the text it would be quoted again, and no shell could read it.
type verbose struct {
	text slog.Handler
	out  io.Writer
	mu   *sync.Mutex // keeps both lines together; shared by the handlers that WithAttrs makes
}

func newVerbose(out io.Writer) *verbose {
	options := slog.HandlerOptions{Level: transport.LevelTrace, ReplaceAttr: withoutSecrets}
	return &verbose{text: slog.NewTextHandler(out, &options), out: out, mu: new(sync.Mutex)}
}

// withoutSecrets redacts what has the form of a secret.
func withoutSecrets(_ []string, attr slog.Attr) slog.Attr {
	switch value := attr.Value.Any().(type) {
	case string:
		attr.Value = slog.StringValue(redact.Text(value))
	case error:
		attr.Value = slog.StringValue(redact.Block(value.Error()))
	}
	return attr
}

// curlKey is the attribute that holds a curl line.
const curlKey = "curl"

// Enabled is part of [slog.Handler].
func (v *verbose) Enabled(ctx context.Context, level slog.Level) bool {
	return v.text.Enabled(ctx, level)
}

// Handle is part of [slog.Handler].
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

// WithAttrs is part of [slog.Handler].
func (v *verbose) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *v
	with.text = v.text.WithAttrs(attrs)
	return &with
}

// WithGroup is part of [slog.Handler].
func (v *verbose) WithGroup(name string) slog.Handler {
	with := *v
	with.text = v.text.WithGroup(name)
	return &with
}
