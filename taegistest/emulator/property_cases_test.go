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

// caseCriterion draws a condition on one field of a case.
func caseCriterion(t *rapid.T) criterion[*corpus.Case] {
	switch rapid.IntRange(0, 6).Draw(t, "kind") {
	case 0:
		bound := rapid.IntRange(0, 5).Draw(t, "priority")
		return criterion[*corpus.Case]{fmt.Sprintf("priority >= %d", bound), func(k *corpus.Case) bool { return k.Priority >= bound }}
	case 1:
		status := rapid.SampledFrom(corpus.CaseStatuses).Draw(t, "status")
		return criterion[*corpus.Case]{"status = '" + strings.ToLower(status) + "'", func(k *corpus.Case) bool { return k.Status == status }}
	case 2:
		list := rapid.SliceOfN(rapid.SampledFrom(corpus.CaseStatuses), 1, 4).Draw(t, "statuses")
		return criterion[*corpus.Case]{"Status !in ('" + strings.Join(list, "','") + "')", func(k *corpus.Case) bool { return !slices.Contains(list, k.Status) }}
	case 3:
		return criterion[*corpus.Case]{"closed_at IS NULL", func(k *corpus.Case) bool { return k.Closed.IsZero() }}
	case 4:
		part := rapid.SampledFrom([]string{"SCAN", "on", "wks-", "nothing"}).Draw(t, "part")
		return criterion[*corpus.Case]{"title contains '" + part + "'", func(k *corpus.Case) bool {
			return strings.Contains(strings.ToLower(k.Title), strings.ToLower(part))
		}}
	case 5:
		tag := rapid.SampledFrom([]string{"phishing", "vip"}).Draw(t, "tag")
		return criterion[*corpus.Case]{"tags = '" + tag + "'", func(k *corpus.Case) bool { return slices.Contains(k.Tags, tag) }}
	default:
		bound := float64(rapid.IntRange(0, 20).Draw(t, "risk")) / 2
		return criterion[*corpus.Case]{fmt.Sprintf("risk_score < %v", bound), func(k *corpus.Case) bool { return k.Risk < bound }}
	}
}

// The emulator lists exactly the cases that a filter over all of them finds.
func TestCasesFindWhatAFilterFinds(t *testing.T) {
	start := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	e, access := local(t, emulator.Config{Now: func() time.Time { return start }, TokenLifetime: 24 * time.Hour})
	found := 0
	t.Cleanup(func() { t.Logf("%d cases found", found) })
	rapid.Check(t, func(t *rapid.T) {
		size := emulator.Corpus{
			Seed: rapid.Uint64().Draw(t, "seed"), Cases: rapid.SampledFrom([]int{-1, 1, 40, 100}).Draw(t, "cases"),
			Tenants: rapid.IntRange(0, 3).Draw(t, "tenants"), Span: 40 * time.Hour,
		}
		e.Configure(func(c *emulator.Config) { c.Corpus = size })
		records := corpus.New(emulator.DemoTenant, sizeOf(size, start))
		tenants := corpus.New(emulator.DemoTenant, corpus.Size{Tenants: size.Tenants}).TenantIDs()
		for range 5 {
			where := anyCriterion(t, 2, caseCriterion)
			earliest := start.Add(-time.Duration(rapid.IntRange(0, 48*3600).Draw(t, "earliest")) * time.Second)
			tenant := rapid.SampledFrom(tenants).Draw(t, "tenant")
			query := "FROM investigation WHERE " + where.text + " EARLIEST='" + earliest.Format(time.RFC3339) + "'"
			want := []string{}
			for i := range records.Cases.Len() {
				k := records.Cases.At(i)
				if !k.Created.Before(earliest) && (tenant == emulator.DemoTenant || tenant == k.Tenant) && where.holds(k) {
					want = append(want, k.CaseID)
				}
			}
			got := findCases(t, e, access, tenant, query)
			if found += len(got); !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
				t.Fatalf("%s\nfound %d cases, want %d", query, len(got), len(want))
			}
		}
	})
}

// findCases returns the IDs of the first 100 cases that a query finds.
func findCases(t failer, e *emulator.Emulator, access, tenant, query string) []string {
	t.Helper()
	var data struct {
		List struct {
			Total          int `json:"totalCount"`
			Investigations []struct{ ID string }
		}
	}
	ask(t, e, gateway, access, tenant, "query ($cql: String) { list: investigationsV2(arguments: {cql: $cql, page: 1, perPage: 100}) "+
		"{ totalCount investigations { id } } }", map[string]any{"cql": query}).into(t, &data)
	ids := []string{}
	for _, k := range data.List.Investigations {
		ids = append(ids, k.ID)
	}
	if data.List.Total != len(ids) {
		t.Fatalf("%s: %d of %d cases", query, len(ids), data.List.Total)
	}
	return ids
}
