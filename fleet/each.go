package fleet

import (
	"context"
	"errors"
	"iter"
	"slices"
)

// ForEach calls do for every tenant, for at most n of them at a time. If do returns an error for
// some of them, ForEach calls it for the others all the same, and returns an [*Error] with all
// errors. It treats panics and the end of ctx as [Rows] does.
func ForEach(ctx context.Context, tenants []Tenant, n int, do func(context.Context, Tenant) error, opts ...Option) error {
	type nothing struct{}
	all := Collect(ctx, tenants, n, func(ctx context.Context, t Tenant) (nothing, error) { return nothing{}, do(ctx, t) }, opts...)
	var failed []*TenantError
	for _, err := range all {
		if one, ok := errors.AsType[*TenantError](err); ok {
			failed = append(failed, one)
		}
	}
	return Join(tenants, failed)
}

// Collect calls get for every tenant, for at most n of them at a time, and yields each result once,
// as it arrives or with [InOrder] in the order of the tenants. An error is a [*TenantError]; see
// [Rows].
func Collect[T any](
	ctx context.Context, tenants []Tenant, n int, get func(context.Context, Tenant) (T, error), opts ...Option,
) iter.Seq2[Row[T], error] {
	return Rows(ctx, tenants, n, func(ctx context.Context, t Tenant) iter.Seq2[T, error] {
		return func(yield func(T, error) bool) { yield(get(ctx, t)) }
	}, opts...)
}

// Join returns the errors that a loop over [Rows] or [Collect] has collected as an [*Error], nil if
// there are none. Several errors of one tenant become one.
func Join(tenants []Tenant, failed []*TenantError) error {
	if len(failed) == 0 {
		return nil
	}
	byID := make(map[string]*TenantError, len(failed))
	for _, one := range failed {
		if known := byID[one.Tenant.ID]; known != nil {
			joined := *known
			joined.Err = errors.Join(known.Err, one.Err)
			one = &joined
		}
		byID[one.Tenant.ID] = one
	}
	joined := &Error{Total: len(tenants)}
	for _, t := range tenants {
		if one := byID[t.ID]; one != nil && !slices.Contains(joined.Tenants, one) {
			joined.Tenants = append(joined.Tenants, one)
		}
	}
	return joined
}
