// Package call is the run time of the generated services. It sends their operations through a
// transport, encodes inputs with explicit nulls, and encodes and decodes unions.
package call

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/lenientjson"
	"github.com/taegis-go/taegis/ports"
)

// Execute runs a query or mutation. Together with an error it returns what the transport decoded of
// the response.
func Execute[T any](ctx context.Context, t ports.Transport, op *core.Operation, args any) (T, error) {
	var value T
	err := t.Execute(ctx, &core.Request{Operation: op, Args: args}, &value)
	return value, err
}

// Subscribe runs a subscription and yields each message. A message that does not fit its type is
// yielded as far as it was decoded, together with a [*core.ResponseError] with status 200. It does
// not end the stream.
func Subscribe[T any](ctx context.Context, t ports.Transport, op *core.Operation, args any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for message, err := range t.Subscribe(ctx, &core.Request{Operation: op, Args: args}) {
			var value T
			if len(message) > 0 {
				err = join(err, decode(op, message, &value))
			}
			if !yield(value, err) {
				return
			}
		}
	}
}

// join keeps a lone error as it is, so that its type stays in plain sight.
func join(err, more error) error {
	if err == nil || more == nil {
		return cmp.Or(err, more)
	}
	return errors.Join(err, more)
}

func decode(op *core.Operation, message json.RawMessage, into any) error {
	err := lenientjson.Unmarshal(message, into)
	if err == nil {
		return nil
	}
	return &core.ResponseError{Operation: op.Name, Status: http.StatusOK, Reason: "a message of an unexpected shape", Err: err}
}
