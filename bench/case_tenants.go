package main

import (
	"context"
	"strconv"
	"sync"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/bench/baseline"
	"github.com/taegis-go/taegis/services/alerts"
)

// callsPerTenant and tenantsAtOnce are typical for a provider that calls for all of its tenants.
const callsPerTenant, tenantsAtOnce = 3, 32

// tenants measures one client that calls for many tenants.
func tenants(b *bench) error {
	client, err := b.client(b.page(warmAlerts))
	if err != nil {
		return err
	}
	defer client.Close()
	service, least := alerts.New(client), b.baseline(b.page(warmAlerts))
	ctx := taegis.ContextWithSelection(b.ctx, baseline.Selection)
	ours := func(tenant string) func() error {
		ctx := taegis.ContextWithTenant(ctx, tenant)
		return func() error {
			page, err := service.AlertsServiceSearch(ctx, search(0, warmAlerts))
			return checked(warmAlerts, err, func() int { return len(page.Alerts.List) })
		}
	}
	theirs := func(tenant string) func() error {
		one := *least
		one.Tenant = tenant
		return func() error {
			page, err := one.Search(b.ctx, 0, warmAlerts)
			return checked(warmAlerts, err, func() int { return len(page.Alerts.List) })
		}
	}
	const most = 1000
	load := scaling{name: "tenants", title: "Tenants, 3 calls each, 32 at a time", x: "tenants", loads: []int{10, 100, most}, rounds: b.scale(7, 2), even: true}
	all, err := b.scaled(load, func(n int) []candidate {
		return []candidate{turns("taegis", most/n, forTenants(n, ours)), turns("baseline", most/n, forTenants(n, theirs))}
	})
	if err != nil {
		return err
	}
	b.add(atLeast(0.9, "the baseline's rate").row("1,000 tenants, 3 calls each, 32 at a time", all[2], seconds, duration))
	return nil
}

// forTenants returns work that makes the calls of n tenants.
func forTenants(n int, call func(tenant string) func() error) func() error {
	return func() error {
		ctx, fail := context.WithCancelCause(context.Background())
		defer fail(nil)
		slots := make(chan struct{}, tenantsAtOnce)
		var running sync.WaitGroup
		for i := range n {
			slots <- struct{}{}
			running.Go(func() {
				if err := times(callsPerTenant, call(strconv.Itoa(100000+i)))(); err != nil {
					fail(err)
				}
				<-slots
			})
		}
		running.Wait()
		return context.Cause(ctx)
	}
}
