package transport

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"reflect"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/fusion"
	"github.com/taegis-go/taegis/internal/lenientjson"
	"github.com/taegis-go/taegis/internal/pause"
	"github.com/taegis-go/taegis/ports"
)

// Bounds of the repetitions of a refused mutation (docs/protocol.md#refusals-that-pass).
const (
	refusedTries       = 20
	shortestRefusal    = 300 * time.Millisecond
	longestRefusalWait = 2 * time.Second
)

// RepeatRefused returns middleware for the mutations of fusion that the server often refuses for a
// reason that passes. Place it above the middleware that retries requests.
//
// If the request has FindDuplicate, the mutation is repeated, at most 20 times in all, after pauses
// from 300 ms to 2 s. Before each repetition FindDuplicate is called. A result that it finds is the
// result of the call. In every other case the call returns a [*core.RepeatableError].
func RepeatRefused() ports.Middleware {
	return func(next ports.Transport) ports.Transport { return &repeating{next} }
}

type repeating struct{ next ports.Transport }

// Execute sends a query or mutation; see [RepeatRefused].
func (r *repeating) Execute(ctx context.Context, req *core.Request, out any) error {
	if req.Environment.Platform != core.PlatformFusion || req.Operation.Kind == core.KindQuery {
		return r.next.Execute(ctx, req, out)
	}
	restore := keep(out)
	for tries := 1; ; tries++ {
		err := r.next.Execute(ctx, req, out)
		if !isRefused(req, err) {
			return err
		}
		failure := &core.RepeatableError{Operation: nameOf(req), Tries: tries, Err: err}
		if req.FindDuplicate == nil || tries == refusedTries {
			return failure
		}
		if err := pause.For(ctx, refusalWait(tries)); err != nil {
			failure.Err = fmt.Errorf("%w; waiting to try again: %w", failure.Err, err)
			return failure
		}
		found, err := req.FindDuplicate(ctx)
		if err != nil {
			failure.Err = fmt.Errorf("%w; looking for a duplicate: %w", failure.Err, err)
			return failure
		}
		restore()
		if !isNone(found) {
			return decodeFound(req, found, out)
		}
	}
}

// Subscribe starts a subscription.
func (r *repeating) Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	return r.next.Subscribe(ctx, req)
}

// isRefused reports whether the answer refuses the mutation, and it alone, for a reason that
// passes.
func isRefused(req *core.Request, err error) bool {
	answer, ok := errors.AsType[*core.ResponseError](err)
	if !ok {
		return false
	}
	roots := rootsOf(req)
	return len(roots) == 1 && fusion.Refuses(roots[0], answer.Errors)
}

// refusalWait returns a random pause after a number of tries. Its upper bound doubles.
func refusalWait(tries int) time.Duration {
	longest := longestRefusalWait
	if tries < 4 { // then the bound is reached
		longest = min(longest, shortestRefusal<<tries)
	}
	return shortestRefusal + rand.N(longest-shortestRefusal+1) //nolint:gosec // it only spreads requests
}

// isNone reports whether a function that looks for a duplicate returned none: nil, or a nil
// pointer.
func isNone(found any) bool {
	v := reflect.ValueOf(found)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}

// decodeFound decodes what a function found as the result of the call.
func decodeFound(req *core.Request, found, out any) error {
	text, err := json.Marshal(found)
	if err == nil && out != nil {
		err = lenientjson.Unmarshal(text, out)
	}
	if err != nil {
		return &core.ArgumentError{Operation: nameOf(req), Reason: "what FindDuplicate returned is not a result of the operation", Err: err}
	}
	return nil
}
