package emulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/taegis-go/taegis/taegistest/emulator"
	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// criterion is a condition of a query with the same condition as a function of a record.
type criterion[R any] struct {
	text  string
	holds func(R) bool
}

// severities are thresholds, some of which are not exact.
var severities = []float64{0, 0.2, 0.4, 0.55, 0.6, 0.8, 1, 6}

// anyCriterion draws a condition, with AND, OR and parentheses up to a depth.
func anyCriterion[R any](t *rapid.T, depth int, simple func(*rapid.T) criterion[R]) criterion[R] {
	if depth == 0 || rapid.IntRange(0, 2).Draw(t, "nested") == 0 {
		return simple(t)
	}
	x, y := anyCriterion(t, depth-1, simple), anyCriterion(t, depth-1, simple)
	if rapid.Bool().Draw(t, "or") {
		return criterion[R]{"(" + x.text + " OR " + y.text + ")", func(r R) bool { return x.holds(r) || y.holds(r) }}
	}
	return criterion[R]{x.text + " and " + y.text, func(r R) bool { return x.holds(r) && y.holds(r) }}
}

// alertCriterion draws a condition on one field of an alert.
func alertCriterion(t *rapid.T) criterion[*corpus.Alert] {
	switch rapid.IntRange(0, 8).Draw(t, "kind") {
	case 0:
		bound := rapid.SampledFrom(severities).Draw(t, "severity")
		return criterion[*corpus.Alert]{fmt.Sprintf("severity >= %v", bound), func(a *corpus.Alert) bool { return a.Severity >= bound }}
	case 1:
		bound := rapid.SampledFrom(severities).Draw(t, "severity")
		return criterion[*corpus.Alert]{fmt.Sprintf("metadata.severity<%v", bound), func(a *corpus.Alert) bool { return a.Severity < bound }}
	case 2:
		status := rapid.SampledFrom(corpus.Statuses).Draw(t, "status")
		return criterion[*corpus.Alert]{"status = '" + strings.ToLower(status) + "'", func(a *corpus.Alert) bool { return a.Status == status }}
	case 3:
		list := rapid.SliceOfN(rapid.SampledFrom(corpus.Statuses), 1, 3).Draw(t, "statuses")
		return criterion[*corpus.Alert]{"Status !in ('" + strings.Join(list, "','") + "')", func(a *corpus.Alert) bool { return !slices.Contains(list, a.Status) }}
	case 4:
		return criterion[*corpus.Alert]{"investigation_ids IS NULL", func(a *corpus.Alert) bool { return len(a.Cases) == 0 }}
	case 5:
		part := rapid.SampledFrom([]string{"PORT", "o", "'s token", "rule"}).Draw(t, "part")
		quoted := "e'" + strings.ReplaceAll(part, "'", `\'`) + "'"
		return criterion[*corpus.Alert]{"metadata.title contains " + quoted, func(a *corpus.Alert) bool {
			return strings.Contains(strings.ToLower(a.Title), strings.ToLower(part))
		}}
	case 6:
		prefix := rapid.SampledFrom([]string{"wks", "srv", "lab"}).Draw(t, "prefix")
		return criterion[*corpus.Alert]{"@host MATCHES '" + prefix + "-*'", func(a *corpus.Alert) bool { return strings.HasPrefix(a.Host(), prefix+"-") }}
	case 7:
		digit := rapid.IntRange(0, 9).Draw(t, "digit")
		return criterion[*corpus.Alert]{fmt.Sprintf("@ip !MATCHES_REGEX '%d$'", digit), func(a *corpus.Alert) bool {
			last := fmt.Sprint(digit)
			return !slices.ContainsFunc(a.Entities(), func(e corpus.Entity) bool {
				return strings.HasSuffix(e.Type, "IpAddress") && strings.HasSuffix(e.Value, last)
			})
		}}
	default:
		return criterion[*corpus.Alert]{"third_party_details IS NOT NULL", func(a *corpus.Alert) bool { return a.ThirdParty() != "" }}
	}
}

// The emulator answers a search with exactly what a filter over all records finds, whatever the
// corpus, the query, the tenant, the clock and the changes are.
func TestSearchesFindWhatAFilterFinds(t *testing.T) {
	start := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	now := start
	e, access := local(t, emulator.Config{Now: func() time.Time { return now }, TokenLifetime: 24 * time.Hour})
	found := 0
	t.Cleanup(func() { t.Logf("%d alerts found", found) })
	rapid.Check(t, func(t *rapid.T) {
		now = start
		e.Configure(func(c *emulator.Config) { c.Corpus = emulator.Corpus{Seed: 1 << 63} }) // drops insertions
		size := emulator.Corpus{
			Seed: rapid.Uint64().Draw(t, "seed"), Alerts: rapid.SampledFrom([]int{-1, 0, 1, 60, 400}).Draw(t, "alerts"),
			Tenants: rapid.IntRange(0, 3).Draw(t, "tenants"), Burst: rapid.IntRange(1, 5).Draw(t, "burst"),
			Span:  rapid.SampledFrom([]time.Duration{time.Hour, 40 * time.Hour}).Draw(t, "span"),
			Late:  rapid.SampledFrom([]time.Duration{0, 2 * time.Hour}).Draw(t, "late"),
			Ahead: rapid.SampledFrom([]time.Duration{0, time.Hour}).Draw(t, "ahead"), Cases: rapid.IntRange(-1, 30).Draw(t, "cases"),
		}
		e.Configure(func(c *emulator.Config) { c.Corpus = size })
		records := corpusOf(size, start)
		now = start.Add(time.Duration(rapid.IntRange(0, 5400).Draw(t, "passed")) * time.Second)
		for range rapid.IntRange(0, 3).Draw(t, "inserted") {
			created := start.Add(-time.Duration(rapid.IntRange(0, 7200).Draw(t, "age")) * time.Second)
			e.InsertAlert(emulator.Alert{Created: created, Title: "Inserted"})
			records = append(records, inserted(size, start, len(records), created, now))
		}
		for range 5 {
			found += checkSearch(t, e, access, size, records, start, now)
		}
	})
}

// checkSearch compares a random search with a filter over all records, and returns the number of
// alerts found.
func checkSearch(t *rapid.T, e *emulator.Emulator, access string, size emulator.Corpus, records []*corpus.Alert, start, now time.Time) int {
	t.Helper()
	where := anyCriterion(t, 2, alertCriterion)
	earliest, latest := start.Add(-48*time.Hour), start.Add(2*time.Hour)
	if rapid.Bool().Draw(t, "bounded") {
		earliest = start.Add(-time.Duration(rapid.IntRange(0, 48*3600).Draw(t, "earliest")) * time.Second)
		latest = earliest.Add(time.Duration(rapid.IntRange(0, 72*3600).Draw(t, "length")) * time.Second)
	}
	tenant := rapid.SampledFrom(corpus.New(emulator.DemoTenant, corpus.Size{Tenants: size.Tenants}).TenantIDs()).Draw(t, "tenant")
	query := "FROM alert WHERE " + where.text + " EARLIEST='" + earliest.Format(time.RFC3339) + "' LATEST='" + latest.Format(time.RFC3339) + "'"
	limit := rapid.SampledFrom([]int{1, 30, 500}).Draw(t, "limit")

	var matching []*corpus.Alert
	for _, a := range records {
		if !a.Created.Before(earliest) && !a.Created.After(latest) && !a.Inserted.After(now) &&
			(tenant == emulator.DemoTenant || tenant == a.Tenant) && where.holds(a) {
			matching = append(matching, a)
		}
	}
	slices.SortFunc(matching, func(a, b *corpus.Alert) int {
		if order := b.Created.Compare(a.Created); order != 0 {
			return order
		}
		return strings.Compare(a.ID(), b.ID())
	})
	want := []string{}
	for _, a := range matching[:min(limit, len(matching))] {
		want = append(want, a.ID())
	}
	if got := findAlerts(t, e, access, tenant, map[string]any{"cql_query": query, "limit": limit}); !slices.Equal(got, want) {
		t.Fatalf("%s\nfound %d alerts, want %d\n%q\n%q", query, len(got), len(want), got, want)
	}
	return len(want)
}

// corpusOf returns all alerts that an emulator generates.
func corpusOf(size emulator.Corpus, start time.Time) []*corpus.Alert {
	c := corpus.New(emulator.DemoTenant, sizeOf(size, start))
	list := make([]*corpus.Alert, c.Alerts.Len())
	for i := range list {
		list[i] = c.Alerts.At(i)
	}
	return list
}

// sizeOf returns the size of a corpus in which no field has a default but the numbers.
func sizeOf(size emulator.Corpus, start time.Time) corpus.Size {
	number := func(n int) int {
		if n == 0 {
			return emulator.DefaultResults
		}
		return max(n, 0)
	}
	return corpus.Size{
		Seed: size.Seed, Tenants: size.Tenants, Alerts: number(size.Alerts), Cases: number(size.Cases),
		Assets: number(size.Assets), Comments: 3, Files: 2, Start: start.Add(-size.Span), Span: size.Span + size.Ahead,
		Late: size.Late, Burst: size.Burst,
	}
}

// inserted returns the alert that the emulator adds as the one with an index.
func inserted(size emulator.Corpus, start time.Time, index int, created, now time.Time) *corpus.Alert {
	c := corpus.New(emulator.DemoTenant, sizeOf(size, start))
	for c.Alerts.Len() < index {
		c.AddAlert(emulator.DemoTenant, now, nil)
	}
	return c.AddAlert(emulator.DemoTenant, now, func(a *corpus.Alert) {
		a.Created, a.Inserted, a.Updated, a.Title = created, now, now, "Inserted"
	})
}
