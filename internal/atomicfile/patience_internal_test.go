package atomicfile

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestPatience(t *testing.T) {
	errBusy, errOther := errors.New("busy"), errors.New("other")
	busy := func(err error) bool { return errors.Is(err, errBusy) }
	for name, c := range map[string]struct {
		until time.Duration // from then on it is not busy
		then  error
		want  error
		after time.Duration
	}{
		"at once":        {0, nil, nil, 0},
		"denied at once": {0, errOther, errOther, 0},
		"busy":           {35 * time.Millisecond, nil, nil, 40 * time.Millisecond},
		"then denied":    {35 * time.Millisecond, errOther, errOther, 40 * time.Millisecond},
		"for ever":       {time.Hour, nil, errBusy, 490 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				err := patiently(busy, func() error {
					if time.Since(begin) < c.until {
						return errBusy
					}
					return c.then
				})
				if after := time.Since(begin); !errors.Is(err, c.want) || after != c.after {
					t.Errorf("%v after %v; want %v after %v", err, after, c.want, c.after)
				}
			})
		})
	}
}
