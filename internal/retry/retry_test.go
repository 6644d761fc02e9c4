package retry_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/retry"
)

var errBusy = errors.New("busy")

// attempts returns a try that fails with errs in order and succeeds afterwards, and the times
// since the start at which it was called.
func attempts(errs ...error) (try func(context.Context) error, at func() []time.Duration) {
	start := time.Now()
	var times []time.Duration
	return func(context.Context) error {
		times = append(times, time.Since(start))
		if n := len(times); n <= len(errs) {
			return errs[n-1]
		}
		return nil
	}, func() []time.Duration { return times }
}

func busy(n int, after time.Duration) []error {
	var list []error
	for range n {
		list = append(list, retry.Transient(errBusy, after))
	}
	return list
}

func TestRepeatsUntilSuccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		try, at := attempts(busy(3, 0)...)
		if err := retry.Do(t.Context(), core.RetryLimits{}, try); err != nil {
			t.Fatal(err)
		}
		if len(at()) != 4 {
			t.Fatalf("%d attempts, want 4", len(at()))
		}
		ceiling := 500 * time.Millisecond
		for i, now := range at()[1:] {
			if wait := now - at()[i]; wait > ceiling+time.Nanosecond {
				t.Errorf("wait %d took %v, want at most %v", i+1, wait, ceiling)
			}
			ceiling *= 2
		}
	})
}

func TestJitterSpreadsOverTheUpperHalf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var low, high int
		for range 400 {
			try, at := attempts(busy(1, 0)...)
			if err := retry.Do(t.Context(), core.RetryLimits{}, try); err != nil {
				t.Fatal(err)
			}
			switch wait := at()[1].Round(time.Millisecond); {
			case wait < 250*time.Millisecond || wait > 500*time.Millisecond:
				t.Errorf("wait %v, want 250 to 500 ms", wait)
			case wait < 312*time.Millisecond:
				low++
			case wait > 438*time.Millisecond:
				high++
			}
		}
		if low < 40 || high < 40 {
			t.Errorf("of 400 waits %d fell into the lowest and %d into the highest quarter, want about 100 each", low, high)
		}
	})
}

func TestAnOutageMeetsThreeAttemptsInItsFirstSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for range 400 {
			try, at := attempts(busy(3, 0)...)
			if err := retry.Do(t.Context(), core.RetryLimits{}, try); err != nil {
				t.Fatal(err)
			}
			if fourth := at()[3]; fourth < time.Second {
				t.Fatalf("the fourth attempt came after %v", fourth)
			}
		}
	})
}

func TestStopsAtMaxTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		try, at := attempts(busy(9, 0)...)
		err := retry.Do(t.Context(), core.RetryLimits{MaxTries: 3}, try)
		if err != errBusy {
			t.Errorf("error %#v, want errBusy itself, without the mark", err)
		}
		if len(at()) != 3 {
			t.Errorf("%d attempts, want 3", len(at()))
		}
	})
}

func TestOneTryMeansNoRepetition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, failure := range []error{errBusy, retry.Transient(errBusy, 0)} {
			try, at := attempts(failure)
			if err := retry.Do(t.Context(), core.RetryLimits{MaxTries: 1}, try); err != errBusy {
				t.Errorf("error %#v, want errBusy itself", err)
			}
			if len(at()) != 1 {
				t.Errorf("%d attempts, want 1", len(at()))
			}
		}
	})
}

func TestStopsAtMaxTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		try, at := attempts(busy(1000, 0)...)
		limits := core.RetryLimits{MaxTries: 1000, MaxTime: 5 * time.Second}
		if err := retry.Do(t.Context(), limits, try); !errors.Is(err, errBusy) {
			t.Errorf("error %v, want errBusy", err)
		}
		if last := at()[len(at())-1]; last > 5*time.Second {
			t.Errorf("the last attempt began after %v, want at most 5s", last)
		}
		if len(at()) < 3 {
			t.Errorf("%d attempts within 5s, want at least 3", len(at()))
		}
	})
}

func TestHonoursRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		try, at := attempts(busy(1, 7*time.Second)...)
		if err := retry.Do(t.Context(), core.RetryLimits{}, try); err != nil {
			t.Fatal(err)
		}
		if at()[1] != 7*time.Second {
			t.Errorf("repeated after %v, want 7s", at()[1])
		}
	})
}

func TestRetryAfterBeyondTheLimitEndsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		try, at := attempts(busy(1, time.Minute)...)
		if err := retry.Do(t.Context(), core.RetryLimits{}, try); err != errBusy {
			t.Errorf("error %#v, want errBusy itself", err)
		}
		if waited := time.Since(start); waited != 0 || len(at()) != 1 {
			t.Errorf("%d attempts in %v, want one and no wait", len(at()), waited)
		}
	})
}

// A date in the year 9999 is as far away as a duration can be: with the time that has passed, the
// sum overflows. So time has to pass here.
func TestRetryAfterOfCenturiesEndsAtOnce(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	try, at := attempts(busy(1, math.MaxInt64)...)
	if err := retry.Do(ctx, core.RetryLimits{}, try); err != errBusy || len(at()) != 1 {
		t.Errorf("error %v after %d attempts, want errBusy after one", err, len(at()))
	}
}

func TestOtherErrorsEndAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		final := fmt.Errorf("no: %w", errBusy)
		try, at := attempts(retry.Transient(errBusy, 0), final)
		if err := retry.Do(t.Context(), core.RetryLimits{}, try); err != final {
			t.Errorf("error %#v, want the second one itself", err)
		}
		if len(at()) != 2 {
			t.Errorf("%d attempts, want 2", len(at()))
		}
	})
}

func TestAMarkFurtherInCountsAndKeepsWhatIsAroundIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wrapped := fmt.Errorf("token request: %w", retry.Transient(errBusy, 0))
		try, at := attempts(wrapped, wrapped)
		err := retry.Do(t.Context(), core.RetryLimits{MaxTries: 2}, try)
		if err != wrapped || !errors.Is(err, errBusy) {
			t.Errorf("error %v, want %v", err, wrapped)
		}
		if len(at()) != 2 {
			t.Errorf("%d attempts, want 2", len(at()))
		}
	})
}

func TestCancellationDuringAWaitKeepsBothCauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		errStopped := errors.New("stopped")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errStopped) })
		start := time.Now()
		try, _ := attempts(busy(1, 10*time.Second)...)
		err := retry.Do(ctx, core.RetryLimits{}, try)
		if !errors.Is(err, errStopped) || !errors.Is(err, errBusy) {
			t.Errorf("error %v, want both the cause and the last error", err)
		}
		if waited := time.Since(start); waited != time.Second {
			t.Errorf("returned after %v, want 1s", waited)
		}
	})
}

func TestCancellationDuringAnAttemptIsSaidOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var last error
		err := retry.Do(ctx, core.RetryLimits{}, func(ctx context.Context) error {
			cancel()
			last = fmt.Errorf("request: %w", ctx.Err())
			return retry.Transient(last, 0)
		})
		if err != last {
			t.Errorf("error %v, want %v itself", err, last)
		}
	})
}

func TestTransientKeepsNil(t *testing.T) {
	if err := retry.Transient(nil, time.Second); err != nil {
		t.Errorf("marking nil gives %v", err)
	}
}
