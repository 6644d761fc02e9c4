package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/bench/baseline"
	"github.com/taegis-go/taegis/fleet"
	"github.com/taegis-go/taegis/services/alerts"
)

// Of the case with a limit: requests a second and at once, and the time of an answer.
const (
	limitRate    = 200
	limitLatency = 20 // ms
	// reserve are requests that the client that knows the limit leaves, since its clock is another one.
	reserve = 10
)

// limit measures calls for many tenants on a server that accepts so many requests a second of each
// account, which the client does not know.
func limit(b *bench) error {
	m := &limitRun{bench: b}
	most := b.scale(1000, 150)
	load := scaling{
		name: "limit", title: "Tenants, 3 calls each, at most 200 requests a second", x: "tenants",
		loads: []int{most / 100, most / 10, most}, rounds: b.scale(2, 1), even: true,
	}
	all, err := b.scaled(load, func(n int) []candidate {
		return []candidate{turn("taegis", m.ours(n)), turn("client that knows the limit", m.paced(n))}
	})
	if err != nil {
		return err
	}
	ideal := float64(most*callsPerTenant-limitRate) / limitRate
	took, refused := all[2].of(0, seconds), float64(m.stats.Refused)/float64(m.stats.Requests)
	title := fmt.Sprintf("%d tenants, 3 calls each, at most 200 requests a second", most)
	b.add(row{
		title: title, reach: "at most 1.2 times the ideal", met: took <= 1.2*ideal,
		reached: fmt.Sprintf("%s (%s to %s)", digits(took/ideal), duration(took), duration(ideal)),
		peers:   fmt.Sprintf("%s %s", all[2].names[1], digits(all[2].of(1, seconds)/ideal)),
	}, row{
		title: title + ": answers with status 429", reach: "at most 1 %", met: refused <= 0.01,
		reached: fmt.Sprintf("%s %% (%d of %d)", digits(100*refused), m.stats.Refused, m.stats.Requests),
	})
	return nil
}

// limitRun makes the turns of the case. Each has a bucket of its own.
type limitRun struct {
	*bench
	turns int
	stats fleet.LimiterStats // of the last turn
}

// url returns the base URL of a new bucket.
func (m *limitRun) url() string {
	m.turns++
	return fmt.Sprintf("%s/limited/%d/%d/%d/%d", m.server, m.turns, limitRate, limitLatency, 1)
}

// ours returns work for n tenants with the limiter of the SDK.
func (m *limitRun) ours(n int) func() error {
	tenants := make([]fleet.Tenant, n)
	for i := range tenants {
		tenants[i].ID = strconv.Itoa(100000 + i)
	}
	return func() error {
		limiter := fleet.NewLimiter()
		client, err := taegis.New(taegis.WithBaseURL(m.url()), taegis.WithConfigFile(m.tokenFile()),
			taegis.WithNonInteractive(""), taegis.WithTryMiddleware(limiter.Middleware))
		if err != nil {
			return err
		}
		defer client.Close()
		service := alerts.New(client)
		err = fleet.ForEach(taegis.ContextWithSelection(m.ctx, baseline.Selection), tenants, tenantsAtOnce, func(ctx context.Context, t fleet.Tenant) error {
			ctx = taegis.ContextWithTenant(ctx, t.ID)
			return times(callsPerTenant, func() error {
				page, err := service.AlertsServiceSearch(ctx, search(0, 1))
				return checked(1, err, func() int { return len(page.Alerts.List) })
			})()
		})
		m.stats = limiter.Stats()
		return err
	}
}

// paced returns work for n tenants without the SDK, which sends what the bucket has.
func (m *limitRun) paced(n int) func() error {
	return func() error {
		least, start := m.baseline(m.url()), time.Now()
		turn := make(chan int, 1)
		turn <- 0
		return forTenants(n, func(tenant string) func() error {
			one := *least
			one.Tenant = tenant
			return func() error {
				number := <-turn
				due := start.Add(time.Duration(float64(number-limitRate+reserve) / (0.99 * limitRate) * float64(time.Second)))
				time.Sleep(time.Until(due))
				turn <- number + 1
				page, err := one.Search(m.ctx, 0, 1)
				if err != nil {
					return errors.Join(errors.New("the client that knows the limit"), err)
				}
				return checked(1, nil, func() int { return len(page.Alerts.List) })
			}
		})()
	}
}
