package servers_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/files"
	"github.com/taegis-go/taegis/internal/testutil"
)

// lateness is how long after its deadline a call may return. In memory, where time passes only
// while everybody waits, it does not depend on how busy the machine is.
func (n network) lateness() time.Duration {
	if n == loopback {
		return time.Second
	}
	return 100 * time.Millisecond
}

// The promises, by what breaks them.
const (
	wrong    = "wrong successes"
	repeated = "repeated mutations"
	late     = "late"
	untyped  = "errors without a type"
	leaked   = "errors or logs with a secret"
	unsent   = "executed but called unsent"
	left     = "connections left open"
)

// verdict is what became of calls.
type verdict struct {
	mu        sync.Mutex
	succeeded int
	failed    int
	executed  int // mutations
	latest    time.Duration
	broken    map[string]int
}

// perform lets the client act, with so much time, and counts what promises that breaks. It returns
// them.
func (j *verdict) perform(t testing.TB, v *session, a act, expected any, limit time.Duration, fatal bool) []string {
	t.Helper()
	deadline := time.Now().Add(limit)
	ctx, cancel := context.WithDeadline(t.Context(), deadline)
	defer cancel()
	key := v.key()
	v.forget()
	adaptations := 0
	ctx = taegis.ContextWithAdaptations(ctx, func(core.Adaptation) { adaptations++ })
	got, err := a.run(ctx, v, key)
	overdue := max(0, time.Since(deadline))

	var broken []string
	breaks := func(promise, how string, args ...any) {
		broken = append(broken, promise+": "+fmt.Sprintf(how, args...))
	}
	executed := v.executions(a.operation, key)
	switch {
	case err == nil && v.wasToldALie():
	case err == nil && fatal:
		breaks(wrong, "%v, in spite of the fault", got)
	case err == nil && adaptations == 0 && !reflect.DeepEqual(got, expected):
		breaks(wrong, "\n%v, want\n%v", got, expected)
	case err == nil && v.reported() && !a.first:
		breaks(wrong, "%v, with errors", got)
	case err == nil && a.operation != "" && executed == 0:
		breaks(wrong, "nothing was executed")
	}
	if executed > 1 {
		breaks(repeated, "%d executions", executed)
	}
	if overdue > 10*v.network.lateness() {
		breaks(late, "by %v", overdue)
	}
	if err != nil {
		if !typed(ctx, err) {
			breaks(untyped, "%v", err)
		}
		if connection, ok := errors.AsType[*core.ConnectionError](err); ok && !connection.Sent && executed > 0 {
			breaks(unsent, "%v", err)
		}
	}
	for _, leak := range v.leaks(err) {
		breaks(leaked, "%s", leak)
	}

	j.mu.Lock()
	if err == nil {
		j.succeeded++
	} else {
		j.failed++
	}
	j.executed += executed
	j.latest = max(j.latest, overdue)
	j.mu.Unlock()
	return j.note(broken)
}

// note counts broken promises, and returns them.
func (j *verdict) note(broken []string) []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, b := range broken {
		promise, _, _ := strings.Cut(b, ":")
		if j.broken == nil {
			j.broken = map[string]int{}
		}
		j.broken[promise]++
	}
	return broken
}

// leave ends the visit and its faults, and returns the promises that this breaks.
func (j *verdict) leave(v *session) []string {
	if open := v.leave(); open > 0 {
		return j.note([]string{fmt.Sprintf("%s: %d", left, open)})
	}
	return nil
}

// typed reports whether a program can tell by its type what went wrong, or that its context has
// ended.
func typed(ctx context.Context, err error) bool {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return true
	}
	if chain, ok := errors.AsType[*core.ChainError](err); ok {
		for _, a := range chain.Attempts {
			if !is[*core.LoginError](a.Err) && !is[*core.UnavailableError](a.Err) && !errors.Is(a.Err, core.ErrUnauthorized) {
				return false
			}
		}
		return true
	}
	if errors.Is(err, files.ErrNotFound) || errors.Is(err, files.ErrNotUploaded) || is[*core.TenantRequiredError](err) {
		return true
	}
	return is[*core.ResponseError](err) || is[*core.ConnectionError](err) || is[*core.SchemaError](err)
}

// leaks looks for secrets in an error, however it is printed, and in what was logged meanwhile.
func (v *session) leaks(err error) []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	outputs := []testutil.Output{{Run: "the log", Text: v.log.String()}}
	if err != nil {
		outputs = append(outputs, testutil.Output{Run: "an error", Text: fmt.Sprintf("%v\n%+v\n%#v\n%s", err, err, err, core.Hint(err))})
	}
	v.log.Reset()
	return testutil.Leaks(v.secrets, outputs)
}

// String says what was counted.
func (j *verdict) String() string {
	text := fmt.Sprintf("%d calls succeeded and %d failed, %d mutations executed", j.succeeded, j.failed, j.executed)
	for _, promise := range []string{wrong, repeated, late, untyped, leaked, unsent, left} {
		text += fmt.Sprintf(", %d %s", j.broken[promise], promise)
	}
	return text + fmt.Sprintf("; at most %v after the deadline", j.latest.Round(10*time.Microsecond))
}

// promise is what a case reports as promised.
const promise = "0 wrong successes, 0 repeated mutations, 0 late, 0 errors without a type, 0 with a secret, 0 executed but called unsent, 0 connections left open"

// check fails the test where nothing came to pass that could have gone wrong.
func (j *verdict) check(t testing.TB) {
	if len(j.broken) > 0 {
		t.Errorf("broken: %v", slices.Sorted(maps.Keys(j.broken)))
	}
	if j.succeeded == 0 || j.failed == 0 || j.executed == 0 && j.succeeded > 100 {
		t.Errorf("nothing was tried: %v", j)
	}
}
