package pause_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/internal/pause"
)

var errGaveUp = errors.New("gave up")

func TestFor(t *testing.T) {
	for name, test := range map[string]struct {
		ends time.Duration // the end of the context
		took time.Duration
		err  error
	}{
		"the time is over":      {ends: time.Minute, took: 10 * time.Second},
		"the context ends":      {ends: 3 * time.Second, took: 3 * time.Second, err: errGaveUp},
		"the context has ended": {err: errGaveUp},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				if test.ends == 0 {
					cancel(errGaveUp)
				} else {
					defer time.AfterFunc(test.ends, func() { cancel(errGaveUp) }).Stop()
				}
				start := time.Now()
				if err := pause.For(ctx, 10*time.Second); !errors.Is(err, test.err) {
					t.Errorf("%v, want %v", err, test.err)
				}
				if took := time.Since(start); took != test.took {
					t.Errorf("it took %s", took)
				}
			})
		})
	}
}
