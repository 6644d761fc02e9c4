package fleet_test

import (
	"context"
	"fmt"
	"iter"
	"sync/atomic"
	"testing"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/fleet"
	"github.com/taegis-go/taegis/services/rules"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// A partner counts the rules of all of its tenants that have a service.
func ExampleForEach() {
	ctx, t := context.Background(), new(testing.T) // the parameter of the test function
	server := taegistest.NewServer(t, func(c *emulator.Config) { c.Corpus.Tenants = 20 })
	defer server.Close() // a real t does this

	limiter := fleet.NewLimiter()
	client, err := taegis.New(append(of(server), taegis.WithTryMiddleware(limiter.Middleware))...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()

	selector, err := fleet.ParseSelector("all", "service=*MDR*", "service=Managed*")
	if err != nil {
		t.Fatal(err)
	}
	tenants, err := fleet.Select(ctx, client, selector)
	if err != nil {
		t.Fatal(err)
	}
	var sum atomic.Int64
	err = fleet.ForEach(ctx, tenants, 8, func(ctx context.Context, tenant fleet.Tenant) error {
		n, err := rules.New(client).RulesCount(taegis.ContextWithTenant(ctx, tenant.ID), rules.RulesCountArgs{})
		sum.Add(int64(n))
		return err
	})
	fmt.Println(len(tenants), "tenants,", limiter.Stats().Refused, "refused,", err)
	// Output: 11 tenants, 0 refused, <nil>
}

// Rows of several tenants come one after the other, and an error does not end the others.
func ExampleRows() {
	tenants := []fleet.Tenant{{ID: "1"}, {ID: "2"}, {ID: "3"}}
	each := func(_ context.Context, tenant fleet.Tenant) iter.Seq2[string, error] {
		return func(yield func(string, error) bool) {
			if tenant.ID == "2" {
				yield("", fmt.Errorf("no access"))
				return
			}
			_ = yield("first of "+tenant.ID, nil) && yield("second of "+tenant.ID, nil)
		}
	}
	for row, err := range fleet.Rows(context.Background(), tenants, 8, each, fleet.InOrder()) {
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(row.Value)
	}
	// Output:
	// first of 1
	// second of 1
	// tenant 2: no access
	// first of 3
	// second of 3
}
