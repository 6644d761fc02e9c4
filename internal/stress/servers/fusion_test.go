package servers_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/fusion/cases"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// fusionSecret is the secret of all clients of fusion, and fusionTokenRoute the route to which they
// send it.
const (
	fusionSecret     = "Secret-of-fusion-1c55a0"
	fusionTokenRoute = "/fusion/api/v2/oauth2/token"
)

// fusionClients returns the clients that the server knows on fusion.
func fusionClients() []emulator.FusionClient {
	list := emulator.DemoFusionClients()
	for i := range list {
		list[i].Secret = fusionSecret
	}
	return list
}

func fusionClient(id string) *authn.ClientCredentials {
	return &authn.ClientCredentials{ID: id, Secret: core.NewSecret(fusionSecret)}
}

// onFusion returns the environment of fusion on a server.
func onFusion(t testing.TB, taegis core.Environment) core.Environment {
	t.Helper()
	environment, err := core.NewEnvironment("servers-fusion", taegis.APIURL+"/fusion")
	if err != nil {
		t.Fatal(err)
	}
	environment.Platform = core.PlatformFusion
	return environment
}

// ofTenant returns the way of a client that belongs to a tenant of fusion.
func ofTenant() way {
	for _, w := range ways {
		if client, ok := w.authenticator.(*authn.ClientCredentials); ok && client.ID == emulator.DemoSophosClientID {
			return w
		}
	}
	panic("no such way")
}

// fusionActs are calls to fusion: a query, a mutation, and all pages.
func fusionActs() []act {
	return []act{
		{name: "types of cases on fusion", way: ofTenant(), calls: true, run: caseTypes},
		{name: "create a case on fusion", way: ofTenant(), calls: true, operation: "createCase", run: createCase},
		{name: "all pages of cases on fusion", way: ofTenant(), calls: true, run: allCases},
	}
}

// fusionTenants returns the tenants that the account can use.
func fusionTenants(ctx context.Context, v *session, _ string) (any, error) {
	ids := []any{}
	for tenant, err := range v.FusionTenants(ctx) {
		if err != nil {
			return nil, err
		}
		ids = append(ids, tenant.ID)
	}
	return ids, nil
}

func caseTypes(ctx context.Context, v *session, _ string) (any, error) {
	found, err := cases.New(v).CaseTypes(ctx, cases.CaseTypesArgs{})
	if err != nil || found == nil {
		return nil, err
	}
	return len(found.Types), nil
}

// createCase returns whether the case that was made is the one that was asked for.
func createCase(ctx context.Context, v *session, key string) (any, error) {
	made, err := cases.New(v).CreateCase(ctx, cases.CreateCaseArgs{Input: cases.CreateCaseInput{
		TypeID: "incident_response", Severity: 8, Title: key, PrimaryStatusID: "new",
	}})
	return made != nil && made.Title == key && made.ID != "", err
}

// allCases returns how many cases there are of those that all servers have.
func allCases(ctx context.Context, v *session, _ string) (any, error) {
	query := "createdAt <= '1999-12-31T12:00:00Z' | sort createdAt"
	count := 0
	for _, err := range cases.New(v).CasesAll(ctx, cases.CasesArgs{Arguments: cases.CasesArguments{Query: &query}}) {
		if err != nil {
			return nil, err
		}
		count++
	}
	return count, nil
}

// revealFusion notes the secret of a client of fusion, which is in the body of the login.
func (v *session) revealFusion(r *http.Request) {
	if strings.HasSuffix(r.URL.Path, fusionTokenRoute) {
		v.reveals("the secret of the client of fusion", fusionSecret)
	}
}

// isREST reports whether an answer at a path has no list of errors, so that a member of that name
// says nothing.
func isREST(path string) bool {
	return strings.HasPrefix(path, "/fusion/") && !strings.HasSuffix(path, "/graphql") || strings.HasPrefix(path, "/s3-signer/")
}
