// Package retry retries calls that failed for a temporary reason, with exponential backoff and
// jitter, within limits of attempts and time.
package retry

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/taegis-go/taegis/core"
)

// The waits between attempts are drawn evenly from the upper half of 500 ms, then of 1 s, 2 s and
// so on up to 10 s. The jitter keeps clients that failed together from coming back together. The
// lower half is left out so that an outage meets at most three attempts in its first second: from
// the whole range, every seventh client made a fourth.
const (
	firstWait   = 500 * time.Millisecond
	longestWait = 10 * time.Second
)

// Transient marks err as worth repeating, after the time that the server asked for, or after
// one that [Do] chooses if after is zero. The mark is transparent to [errors.Is] and
// [errors.As], and does not change the text. A nil err stays nil.
func Transient(err error, after time.Duration) error {
	if err == nil {
		return nil
	}
	return &transientError{err, after}
}

type transientError struct {
	error
	after time.Duration
}

func (e *transientError) Unwrap() error { return e.error }

// Do calls try until it succeeds, returns an error that is not marked by [Transient], or the
// limits are reached; then it returns the last error without its mark. It does not begin a wait
// that would end beyond limits.MaxTime. When ctx ends during a wait, the error wraps both the
// last error and the context's cause.
func Do(ctx context.Context, limits core.RetryLimits, try func(context.Context) error) error {
	limits = limits.OrDefault()
	var last error
	_, err := backoff.Retry(ctx,
		func() (none struct{}, err error) {
			err = try(ctx)
			mark, transient := errors.AsType[*transientError](err)
			switch {
			case err == nil:
				return none, nil
			case !transient:
				last = err
				return none, backoff.Permanent(err)
			}
			last = unmarked(err)
			switch {
			case mark.after > limits.MaxTime: // for example centuries, which would overflow the sum
				return none, backoff.Permanent(last)
			case mark.after > 0:
				return none, &backoff.RetryAfterError{Duration: mark.after}
			}
			return none, last
		},
		backoff.WithBackOff(jitter()),
		backoff.WithMaxTries(uint(limits.MaxTries)),
		backoff.WithMaxElapsedTime(limits.MaxTime),
	)
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil && errors.Is(err, cause) && !errors.Is(last, cause) {
		return fmt.Errorf("%w; waiting to try again: %w", last, cause)
	}
	return last
}

// unmarked takes a mark off that nothing was wrapped around.
func unmarked(err error) error {
	if mark, ok := err.(*transientError); ok { //nolint:errorlint // a mark further in has context around it that must stay
		return mark.error
	}
	return err
}

// jitter draws from a third around three quarters, which is the upper half.
func jitter() *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval:     firstWait * 3 / 4,
		RandomizationFactor: 1. / 3,
		Multiplier:          2,
		MaxInterval:         longestWait * 3 / 4,
	}
}
