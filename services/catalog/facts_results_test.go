package catalog_test

import (
	"context"
	"testing"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/services/catalog"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// ofTenant sends each request for a tenant.
type ofTenant struct {
	ports.Transport
	tenant string
}

func (o ofTenant) Execute(ctx context.Context, req *core.Request, out any) error {
	req = req.Clone()
	req.Tenant = o.tenant
	return o.Transport.Execute(ctx, req, out)
}

func transportToFusion(server *emulator.Server) ports.Transport {
	token := core.NewSecret(server.Token(emulator.DemoSophosClientID))
	return as{ofTenant{&transport.HTTP{}, server.FusionTenant(emulator.DemoTenant)}, server.Fusion, token}
}

// The results of fusion that differ are all that differ in the schema of the gateway.
func TestFactsOfDriftedResults(t *testing.T) {
	for seed := range uint64(3) {
		server := taegistest.NewServer(t, func(c *emulator.Config) { c.Drift.Seed = seed + 1 })
		facts, err := catalog.FetchFacts(t.Context(), transportToFusion(server), core.PlatformFusion)
		if err != nil {
			t.Fatal(err)
		}
		live, err := server.Schema("/fusion/graphql")
		if err != nil {
			t.Fatal(err)
		}
		found, missing := 0, 0
		for _, s := range facts.Services {
			missing += len(s.Missing)
			for _, f := range s.Results {
				found++
				if got := live.Types[f.On].Fields.ForName(f.Name).Type.String(); got != f.Type || !f.Differs() || f.Basis != catalog.BasisCertain {
					t.Errorf("seed %d, %s: %+v, and the gateway has %s", seed, s.Service, f, got)
				}
			}
		}
		if found == 0 || missing == 0 || len(facts.Services) != 5 {
			t.Errorf("seed %d: %d results differ, %d names are missing, %d services", seed, found, missing, len(facts.Services))
		}
	}
}
