package fleet_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"testing"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/fleet"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/services/tenants4"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// lacking is a gateway without the fourth version of the tenants service.
type lacking struct{ ports.Transport }

func (l lacking) Execute(ctx context.Context, req *core.Request, out any) error {
	if req.Operation.Service == "tenants4" {
		return &core.SchemaError{Operation: req.Operation.Name, NoOperation: true}
	}
	return l.Transport.Execute(ctx, req, out)
}

// of returns the options of a client for the emulator.
func of(server *emulator.Server) []taegis.Option {
	return []taegis.Option{
		taegis.WithEnvironments(server.Environment), taegis.WithEnvironment(server.Environment.Name),
		taegis.WithTokenStore(&tokenstore.Memory{}), taegis.WithDriftCache(""),
		taegis.WithAuthenticators(&authn.ClientCredentials{ID: emulator.DemoClientID, Secret: core.NewSecret(emulator.DemoClientSecret)}),
	}
}

// partner returns a client of a partner with children, and the subscriptions by tenant.
func partner(t *testing.T, children int) (client *taegis.Client, services map[string][]string) {
	t.Helper()
	server := taegistest.NewServer(t, func(c *emulator.Config) { c.Corpus.Tenants = children })
	client, err := taegis.New(of(server)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	services = map[string][]string{}
	for row, err := range tenants4.New(client).TenantsAll(t.Context(), tenants4.TenantsArgs{}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"Taegis XDR", "Managed XDR", "Sophos MDR"} {
			level := string(row.LicenseLevel)
			if name == "Taegis XDR" || name == "Managed XDR" && level == "MDR" || name == "Sophos MDR" && level == "ALL_SOPHOS" {
				services[row.ID] = append(services[row.ID], name)
			}
		}
	}
	return client, services
}

// TestSelect compares what each selector finds with those of all tenants that fit it, by both
// versions of the service.
func TestSelect(t *testing.T) {
	client, services := partner(t, 60)
	all, err := fleet.Select(t.Context(), client, fleet.Selector{All: true})
	if err != nil || len(all) < 50 || len(all) > 60 {
		t.Fatalf("%d tenants, %v", len(all), err)
	}
	one := all[7]
	hasService := func(names ...string) func(fleet.Tenant) bool {
		return func(t fleet.Tenant) bool {
			return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(services[t.ID], name) })
		}
	}
	hasLabel := func(values ...string) func(fleet.Tenant) bool {
		return func(t fleet.Tenant) bool { return slices.Contains(values, t.Labels[0].Value) }
	}
	in := func(name string) func(fleet.Tenant) bool {
		return func(t fleet.Tenant) bool { return slices.Contains(t.Environments, name) }
	}
	both := func(one, other func(fleet.Tenant) bool) func(fleet.Tenant) bool {
		return func(t fleet.Tenant) bool { return one(t) && other(t) }
	}
	for _, c := range []struct {
		text string // of --tenants, and terms
		fits func(fleet.Tenant) bool
	}{
		{one.ID, func(t fleet.Tenant) bool { return t.ID == one.ID }},
		{"all name=" + strings.ToUpper(one.Name[:3]) + "*", func(t fleet.Tenant) bool { return strings.HasPrefix(t.Name, one.Name[:3]) }},
		{"all name=Acme* name=*Health*", func(t fleet.Tenant) bool {
			return strings.HasPrefix(t.Name, "Acme") || strings.Contains(t.Name, "Health")
		}},
		{"all service=*MDR*", hasService("Sophos MDR")},
		{"all service=*MDR* service=Managed*", hasService("Sophos MDR", "Managed XDR")},
		{"all label:tier=gold", hasLabel("gold")},
		{"all label:tier=gold label:tier=silver", hasLabel("gold", "silver")},
		{"all label:tier=s*", hasLabel("silver")},
		{"all region=us2", in("delta")},
		{"all license=mdr", func(t fleet.Tenant) bool { return t.License == "MDR" }},
		{"all license=ALL_*", func(t fleet.Tenant) bool { return strings.HasPrefix(t.License, "ALL_") }},
		{"all license=NOT_NONE", func(fleet.Tenant) bool { return true }},
		{"all license=ALL", func(fleet.Tenant) bool { return true }},
		{"all partner=145831 id=" + one.ID + " id=" + all[9].ID, func(t fleet.Tenant) bool { return t.ID == one.ID || t.ID == all[9].ID }},
		{"all label:tier=gold region=delta service=*MDR*", both(both(hasLabel("gold"), in("delta")), hasService("Sophos MDR"))},
		{"all organization=1", func(fleet.Tenant) bool { return false }},
		{"all label:tier=gold label:color=red", func(fleet.Tenant) bool { return false }},
	} {
		for version, transport := range map[string]ports.Transport{"4": client, "3": lacking{client}} {
			t.Run(c.text+" by version "+version, func(t *testing.T) {
				words := strings.Fields(c.text)
				selector, err := fleet.ParseSelector(words[0], words[1:]...)
				if err != nil {
					t.Fatal(err)
				}
				got, err := fleet.Select(t.Context(), transport, selector)
				want := slices.DeleteFunc(slices.Clone(all), func(t fleet.Tenant) bool { return !c.fits(t) })
				if err != nil || fmt.Sprint(ids(got)) != fmt.Sprint(ids(want)) {
					t.Errorf("%v, %v, want %v", ids(got), err, ids(want))
				}
			})
		}
	}
}

func ids(tenants []fleet.Tenant) (ids []string) {
	for _, t := range tenants {
		ids = append(ids, t.ID)
	}
	slices.Sort(ids)
	return ids
}

// TestSelectSeveral holds that all selectors have to fit, and which environment a tenant gets.
func TestSelectSeveral(t *testing.T) {
	client, _ := partner(t, 20)
	gold := fleet.Selector{Labels: []fleet.Label{{Name: "tier", Value: "gold"}}}
	delta := fleet.Selector{Environments: []string{"us2"}}
	all := fleet.Selector{All: true}
	for i, selectors := range [][]fleet.Selector{{gold, delta}, {delta, gold}, {all, gold, delta}} {
		found, err := fleet.Select(t.Context(), client, selectors...)
		if err != nil || len(found) == 0 {
			t.Fatal(found, err)
		}
		for _, tenant := range found {
			if !gold.Matches(tenant) || !delta.Matches(tenant) || tenant.Environment != "delta" {
				t.Errorf("%d: %+v", i, tenant)
			}
		}
	}
	root, err := fleet.Select(t.Context(), client, fleet.Selector{IDs: []string{emulator.DemoTenant}})
	if err != nil || len(root) != 1 || root[0].Environment != "charlie" || len(root[0].Environments) != 2 {
		t.Fatalf("%+v, %v", root, err)
	}
	for preferred, want := range map[string]string{"us2": "delta", "charlie": "charlie", "echo": "charlie", "mars": "charlie", "": "charlie"} {
		if got := root[0].In(preferred).Environment; got != want {
			t.Errorf("in %q: %q", preferred, got)
		}
	}
	if root, err = fleet.Select(t.Context(), client, fleet.Selector{IDs: []string{emulator.DemoTenant}, Environments: []string{"us2"}}); err != nil || root[0].Environment != "delta" {
		t.Errorf("%+v, %v", root, err)
	}
	if got := (fleet.Tenant{ID: "1"}).In("delta"); got.Environment != "" {
		t.Errorf("%+v", got)
	}
}

func TestSelectErrors(t *testing.T) {
	client, _ := partner(t, 3)
	found, err := fleet.Select(t.Context(), client, fleet.Selector{IDs: []string{"1", emulator.DemoTenant, "2"}})
	unknown, ok := errors.AsType[*fleet.UnknownTenantsError](err)
	if !ok || !slices.Equal(unknown.IDs, []string{"1", "2"}) || len(found) != 1 || core.Hint(err) == "" {
		t.Errorf("%v, %v", found, err)
	}
	for _, selectors := range [][]fleet.Selector{nil, {{}}, {{All: true}, {}}} {
		if _, err := fleet.Select(t.Context(), client, selectors...); err == nil || !strings.Contains(err.Error(), "selects nothing") {
			t.Errorf("%v: %v", selectors, err)
		}
	}
	if _, err := fleet.Select(t.Context(), failing{errBroken}, fleet.Selector{All: true}); !errors.Is(err, errBroken) {
		t.Error(err)
	}
}

// asked keeps the queries of a transport, which finds nothing.
type asked struct{ queries []string }

func (a *asked) Execute(_ context.Context, req *core.Request, out any) error {
	text, err := json.Marshal(req.Args)
	if err != nil {
		return err
	}
	a.queries = append(a.queries, string(text))
	return json.Unmarshal([]byte(`{"tenants":[]}`), out)
}

func (a *asked) Subscribe(context.Context, *core.Request) iter.Seq2[json.RawMessage, error] {
	return nil
}

// TestQueries holds how many queries a selector costs: alternatives that the server does not know
// are queries of their own.
func TestQueries(t *testing.T) {
	many := fleet.Selector{}
	for i := range 1100 {
		many.IDs = append(many.IDs, strconv.Itoa(i))
	}
	for _, c := range []struct {
		selector fleet.Selector
		want     int
	}{
		{fleet.Selector{All: true}, 1},
		{fleet.Selector{Names: []string{"a", "b"}, Partners: []string{"1", "2"}, Environments: []string{"us1", "us2"}}, 1},
		{fleet.Selector{Services: []string{"a", "b"}, Labels: []fleet.Label{{Name: "x", Value: "1"}, {Name: "x", Value: "2"}, {Name: "y", Value: "3"}}, Licenses: []string{"MDR", "ALL_XDR"}}, 8},
		{many, 3},
	} {
		var a asked
		if _, err := fleet.Select(t.Context(), &a, c.selector); err != nil {
			if _, unknown := errors.AsType[*fleet.UnknownTenantsError](err); !unknown {
				t.Error(err)
			}
		}
		slices.Sort(a.queries)
		if n := len(slices.Compact(a.queries)); n != c.want {
			t.Errorf("%d queries, want %d: %.500s", n, c.want, a.queries)
		}
	}
}
