package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/fleet"
	"github.com/taegis-go/taegis/internal/pause"
)

// numbered returns the tenants 0 to n-1.
func numbered(n int) []fleet.Tenant {
	var tenants []fleet.Tenant
	for i := range n {
		tenants = append(tenants, fleet.Tenant{ID: strconv.Itoa(i)})
	}
	return tenants
}

// three yields three values of a tenant, the later ones sooner for later tenants.
func three(ctx context.Context, t fleet.Tenant) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		number, _ := strconv.Atoi(t.ID)
		_ = pause.For(ctx, time.Duration(100-number)*time.Millisecond)
		for i := range 3 {
			if !yield(t.ID+"."+strconv.Itoa(i), nil) {
				return
			}
		}
	}
}

func TestRows(t *testing.T) {
	for name, opts := range map[string][]fleet.Option{"as they come": nil, "in order": {fleet.InOrder()}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tenants := numbered(20)
				var got, want []string
				for row, err := range fleet.Rows(t.Context(), tenants, 8, three, opts...) {
					if err != nil || row.Tenant.ID+row.Value[len(row.Tenant.ID):] != row.Value {
						t.Errorf("%+v, %v", row, err)
					}
					got = append(got, row.Value)
				}
				for _, tenant := range tenants {
					for i := range 3 {
						want = append(want, tenant.ID+"."+strconv.Itoa(i))
					}
				}
				if inOrder := slices.Equal(got, want); inOrder != (opts != nil) {
					t.Errorf("the order is %v", got)
				}
				slices.Sort(got)
				slices.Sort(want)
				if !slices.Equal(got, want) {
					t.Errorf("%v", got)
				}
			})
		})
	}
}

// TestRowsAreBounded holds how many tenants run at a time, and how far they run ahead of the
// caller.
func TestRowsAreBounded(t *testing.T) {
	for name, opts := range map[string][]fleet.Option{"as they come": nil, "in order": {fleet.InOrder()}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var running, most, made atomic.Int64
				endless := func(context.Context, fleet.Tenant) iter.Seq2[int, error] {
					return func(yield func(int, error) bool) {
						most.Store(max(most.Load(), running.Add(1)))
						defer running.Add(-1)
						for i := 0; yield(i, nil); i++ {
							made.Add(1)
						}
					}
				}
				for range fleet.Rows(t.Context(), numbered(100), 4, endless, opts...) {
					synctest.Wait()
					break
				}
				if n := most.Load(); n != 4 {
					t.Errorf("%d tenants ran at a time", n)
				}
				if n := made.Load(); n > 100 {
					t.Errorf("%d values were made for one that was taken", n)
				}
				if n := running.Load(); n != 0 {
					t.Errorf("%d tenants run after the loop", n)
				}
			})
		})
	}
}

var errBroken = errors.New("broken")

func TestForEachErrors(t *testing.T) {
	tenants := numbered(12)
	err := fleet.ForEach(t.Context(), tenants, 3, func(_ context.Context, t fleet.Tenant) error {
		switch t.ID {
		case "2", "9":
			return fmt.Errorf("tenant %s: %w", t.ID, errBroken)
		case "4":
			panic("at the disco")
		case "5":
			panic(errBroken)
		case "7":
			runtime.Goexit()
		}
		return nil
	})
	all, ok := errors.AsType[*fleet.Error](err)
	if !ok || all.Total != 12 || all.Failed() != 5 || all.NotRun() != 0 {
		t.Fatalf("%v", err)
	}
	var ids []string
	for _, one := range all.Tenants {
		ids = append(ids, one.Tenant.ID)
		_, panicked := errors.AsType[*core.PanicError](one)
		if wanted := one.Tenant.ID == "4" || one.Tenant.ID == "5"; panicked != wanted {
			t.Errorf("%v", one)
		}
		if broken := errors.Is(one, errBroken); broken == (one.Tenant.ID == "4" || one.Tenant.ID == "7") {
			t.Errorf("%v", one)
		}
	}
	if !slices.Equal(ids, []string{"2", "4", "5", "7", "9"}) || !errors.Is(err, errBroken) {
		t.Errorf("%v: %v", ids, err)
	}
	if err := fleet.ForEach(t.Context(), tenants, 0, func(context.Context, fleet.Tenant) error { return nil }); err != nil {
		t.Error(err)
	}
	if err := fleet.ForEach(t.Context(), nil, 5, func(context.Context, fleet.Tenant) error { return errBroken }); err != nil {
		t.Error(err)
	}
}

// TestForEachEnds holds that no tenant is begun after the end of the context, and each is accounted
// for.
func TestForEachEnds(t *testing.T) {
	for name, opts := range map[string][]fleet.Option{"as they come": nil, "in order": {fleet.InOrder()}} {
		t.Run(name, func(t *testing.T) {
			gaveUp := errors.New("gave up")
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			var called atomic.Int64
			err := fleet.ForEach(ctx, numbered(50), 4, func(ctx context.Context, _ fleet.Tenant) error {
				if called.Add(1) == 4 {
					cancel(gaveUp)
				}
				<-ctx.Done()
				return context.Cause(ctx)
			}, opts...)
			all, ok := errors.AsType[*fleet.Error](err)
			if !ok || called.Load() != 4 || all.Failed() != 4 || all.NotRun() != 46 || !errors.Is(err, gaveUp) {
				t.Errorf("%d were called: %v", called.Load(), err)
			}
		})
	}
}

// TestErrorsOfOneTenant holds that a sequence may go on after an error.
func TestErrorsOfOneTenant(t *testing.T) {
	tenants := numbered(2)
	var failed []*fleet.TenantError
	values := 0
	for _, err := range fleet.Rows(t.Context(), tenants, 2, func(_ context.Context, t fleet.Tenant) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			_ = yield(1, nil) && (t.ID == "0" || yield(0, errBroken) && yield(0, context.Canceled)) && yield(2, nil)
		}
	}) {
		if one, ok := errors.AsType[*fleet.TenantError](err); ok {
			failed = append(failed, one)
		} else {
			values++
		}
	}
	err := fleet.Join(tenants, failed)
	all, ok := errors.AsType[*fleet.Error](err)
	if values != 4 || !ok || all.Failed() != 1 || !errors.Is(err, errBroken) || !errors.Is(err, context.Canceled) {
		t.Errorf("%d values, %v", values, err)
	}
}

func TestProgress(t *testing.T) {
	var latest fleet.Progress
	var reports int
	_ = fleet.ForEach(t.Context(), numbered(10), 3, func(_ context.Context, t fleet.Tenant) error {
		if t.ID == "3" {
			return errBroken
		}
		return nil
	}, fleet.OnProgress(func(p fleet.Progress) {
		if reports++; p.Running > 3 || p.Running < 0 || p.Done < latest.Done || p.Latest.ID == "" {
			t.Errorf("%+v after %+v", p, latest)
		}
		latest = p
	}))
	if reports != 20 || latest.Total != 10 || latest.Done != 10 || latest.Failed != 1 || latest.Running != 0 {
		t.Errorf("%d reports, %+v", reports, latest)
	}
}
