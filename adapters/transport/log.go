package transport

import (
	"context"
	"encoding/json"
	"iter"
	"log/slog"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// LevelTrace is the level at which [Log] adds the whole request to its records. It is below
// [slog.LevelDebug].
const LevelTrace = slog.LevelDebug - 4

// Log returns middleware that logs each request at debug level: operation, host, status, request
// ID, duration, and the number of the attempt if [Retry] is around it. If the logger has
// [LevelTrace] enabled, the attribute "curl" holds a curl command for the request, which has many
// KB for a large selection. A shell can run it if TAEGIS_ACCESS_TOKEN holds a token; slog's
// TextHandler adds quotes that must be removed. Secrets are redacted: the token, and values with
// the name or form of a secret, for example "client_secret". If debug level is not enabled, the
// middleware does nothing. A nil logger selects [slog.Default].
func Log(logger *slog.Logger) ports.Middleware {
	if logger == nil {
		logger = slog.Default()
	}
	return func(next ports.Transport) ports.Transport { return &logging{next, logger} }
}

type logging struct {
	next   ports.Transport
	logger *slog.Logger
}

func (l *logging) Execute(ctx context.Context, req *core.Request, out any) error {
	if !l.logger.Enabled(ctx, slog.LevelDebug) {
		return l.next.Execute(ctx, req, out)
	}
	ctx, seen := withExchange(ctx)
	began := time.Now()
	err := l.next.Execute(ctx, req, out)
	l.log(ctx, req, seen, began, err)
	return err
}

func (l *logging) Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	if !l.logger.Enabled(ctx, slog.LevelDebug) {
		return l.next.Subscribe(ctx, req)
	}
	return func(yield func(json.RawMessage, error) bool) {
		ctx, seen := withExchange(ctx)
		began, messages := time.Now(), 0
		var last error
		for message, err := range l.next.Subscribe(ctx, req) {
			if last = err; message != nil {
				messages++
			}
			if !yield(message, err) {
				break
			}
		}
		l.log(ctx, req, seen, began, last, slog.Int("messages", messages))
	}
}

func (l *logging) log(ctx context.Context, req *core.Request, seen *exchange, began time.Time, err error, more ...slog.Attr) {
	attrs := []slog.Attr{
		slog.String("operation", nameOf(req)),
		slog.String("host", hostOf(req)),
		slog.Int("status", seen.status),
		slog.String("request_id", seen.requestID),
		slog.Duration("took", time.Since(began)),
		slog.Int("try", tryOf(ctx)),
	}
	if err != nil {
		attrs = append(attrs, slog.Any("error", err))
	}
	attrs = append(attrs, more...)
	if l.logger.Enabled(ctx, LevelTrace) {
		attrs = append(attrs, slog.String("curl", curl(req)))
	}
	l.logger.LogAttrs(ctx, slog.LevelDebug, "request", attrs...)
}

func hostOf(req *core.Request) string {
	address, err := addressOf(req)
	if err != nil {
		return "" // nothing was sent
	}
	return address.Host
}
