package session

import (
	"context"
	"errors"
	"time"

	"github.com/taegis-go/taegis/core"
)

// backoffState counts failures of the chain in a row, so that an outage meets a few attempts and
// not one for every call.
type backoffState struct {
	count int
	until time.Time
	err   error
}

// note records a failure of a configured authenticator. A failure that the user or a context
// caused, and a chain in which nothing was configured, do not count. The first pause is half a
// second, each further one twice the one before, up to half a minute.
func (b *backoffState) note(err error, now time.Time) {
	var chain *core.ChainError
	if !errors.As(err, &chain) || chain.Failed() == nil || errors.Is(err, core.ErrCancelled) ||
		errors.Is(err, context.Canceled) || errors.Is(err, core.ErrClosed) {
		return
	}
	b.err = err
	b.until = now.Add(pause(500*time.Millisecond, 30*time.Second, b.count))
	b.count++
}

// pause returns first, doubled so many times, and at most longest.
func pause(first, longest time.Duration, doublings int) time.Duration {
	return min(longest, first<<min(max(0, doublings), 16))
}
