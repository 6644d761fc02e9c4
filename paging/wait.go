package paging

import (
	"context"

	"github.com/taegis-go/taegis/internal/pause"
)

// Wait calls check until check reports that background work is done, and returns the latest state.
// Between the calls it pauses for 1 s at first, and for up to 10 s later. If ctx ends or check
// fails, Wait returns the cause of ctx or the error of check, together with the latest state.
func Wait[S any](ctx context.Context, check func(ctx context.Context) (state S, done bool, err error)) (S, error) {
	for d := firstPause; ; d = min(2*d, longestPause) {
		state, done, err := check(ctx)
		if done || err != nil {
			return state, err
		}
		if err := pause.For(ctx, d); err != nil {
			return state, err
		}
	}
}
