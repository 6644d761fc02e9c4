package paging

import "context"

// Wait calls check until it reports that background work is done, and returns its latest state. Between
// the calls it pauses for 1 s, and then longer, up to 10 s. It ends with ctx, whose cause is the
// error then, or with the first error of check. The state is returned with an error, too.
func Wait[S any](ctx context.Context, check func(ctx context.Context) (state S, done bool, err error)) (S, error) {
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		state, done, err := check(ctx)
		if done || err != nil {
			return state, err
		}
		if err := wait(ctx, pause); err != nil {
			return state, err
		}
	}
}
