//go:build linux

package week_test

import (
	"testing"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/internal/stress"
	"github.com/taegis-go/taegis/services/alerts"
)

// TestClientsThatComeAndGo makes clients one after the other, as a service does that takes a new
// one for each job. Each calls once.
func TestClientsThatComeAndGo(t *testing.T) {
	clients := stress.Scale(100, 10_000, 30_000)
	d := newFixture(t, plan{Start: time.Now().Truncate(time.Second), Rounds: 1, PerRound: 1})
	var first metrics
	for n := range clients {
		client, err := taegis.New(d.options()...)
		if err != nil {
			t.Fatal(err)
		}
		ctx := taegis.ContextWithTenant(t.Context(), tenantID(n%tenants))
		if _, err := alerts.New(client).AlertsServiceSearch(ctx, alerts.AlertsServiceSearchArgs{In: &alerts.SearchRequestInput{
			CQLQuery: new("from alert"), Offset: new(0), Limit: new(1),
		}}); err != nil {
			t.Fatal(err)
		}
		if err := client.Close(); err != nil {
			t.Fatal(err)
		}
		if n == clients/10 {
			d.platform.control.CloseIdleConnections()
			first = takeMetrics(t, d.folder, nil)
		}
	}
	d.platform.control.CloseIdleConnections()
	last := takeMetrics(t, d.folder, &first)
	l := d.platform.counters()
	stress.Report(t, stress.Week, "clients opened and closed, one after the other", "one login in all, nothing left of them",
		"%d clients, %d calls, %d logins; heap %.2f MB after a tenth and %.2f at the end, goroutines %d and %d, descriptors %d and %d",
		clients, l.Calls, l.logins(), mega(first.heap), mega(last.heap),
		first.goroutines, last.goroutines, first.descriptors, last.descriptors)
	if logins := l.logins(); logins != 1 {
		t.Errorf("%d logins", logins)
	}
	wantFlat(t, first, last)
}
