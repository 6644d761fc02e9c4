package taegis_test

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"path/filepath"
	"testing"
	"testing/synctest"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/clients"
	"github.com/taegis-go/taegis/services/fusion/cases"
)

// refusing is a transport that refuses createCase for a reason that passes, and has one case.
type refusing struct {
	created    int
	selections []string
	required   [][]string
}

func (r *refusing) Execute(_ context.Context, req *core.Request, out any) error {
	r.selections, r.required = append(r.selections, req.Selection), append(r.required, req.Required)
	if req.Operation.Name == "createCase" {
		r.created++
		return &core.ResponseError{Operation: "createCase", Status: 200, Evidence: core.EvidenceExecuted, Errors: []core.GraphQLError{
			{Message: "not allowed", Path: []any{"partnerPreferences"}},
		}}
	}
	return json.Unmarshal([]byte(`{"cases": [{"id": "7", "title": "phish"}]}`), out)
}

func (r *refusing) Subscribe(context.Context, *core.Request) iter.Seq2[json.RawMessage, error] {
	return func(func(json.RawMessage, error) bool) {}
}

// fusionClient returns a client of fusion over a transport, with a tenant.
func fusionClient(t *testing.T, wire *refusing) *taegis.Client {
	t.Helper()
	client, err := taegis.New(
		taegis.WithEnvironment("fusion"), taegis.WithTransport(wire), taegis.WithConfigFile(filepath.Join(t.TempDir(), "config")),
		taegis.WithAuthenticators(&authn.StaticToken{Token: core.NewSecret("x")}), taegis.WithTenant("4c3f0b5e-7d1a-4a53-9f0e-2b6c8d917a10"),
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

var phish = cases.CreateCaseArgs{Input: cases.CreateCaseInput{TypeID: "t", Severity: 8, Title: "phish", PrimaryStatusID: "new"}}

// The finder looks for the case through the same client, without the settings of the mutation.
func TestContextWithDuplicateFinder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wire := &refusing{}
		service := cases.New(fusionClient(t, wire))
		ctx := taegis.ContextWithSelection(t.Context(), "id title")
		ctx = taegis.ContextWithRequiredFields(ctx, "title")
		ctx = taegis.ContextWithDuplicateFinder(ctx, func(ctx context.Context) (any, error) {
			page, err := service.Cases(ctx, cases.CasesArgs{Arguments: cases.CasesArguments{Query: new("title = 'phish'")}})
			if err != nil || len(page.Cases) == 0 {
				return nil, err
			}
			return page.Cases[0], nil
		})
		made, err := service.CreateCase(ctx, phish)
		if err != nil || made == nil || made.ID != "7" || made.Title != "phish" || wire.created != 1 {
			t.Fatalf("%+v after %d tries, %v", made, wire.created, err)
		}
		if wire.selections[0] == "" || wire.selections[1] != "" || len(wire.required[0]) != 1 || len(wire.required[1]) != 0 {
			t.Errorf("selections %q, required %q", wire.selections, wire.required)
		}

		ctx = taegis.ContextWithDuplicateFinder(ctx, nil)
		_, err = service.CreateCase(ctx, phish)
		if _, ok := errors.AsType[*core.RepeatableError](err); !ok || wire.created != 2 {
			t.Errorf("without a finder: %d tries, %v", wire.created, err)
		}
	})
}

// The service of one platform is refused in an environment of the other, before a login.
func TestServicesOfTheOtherPlatform(t *testing.T) {
	login := &authn.StaticToken{} // it is unavailable, so a login would be another error
	for _, test := range []struct {
		environment string
		call        func(*taegis.Client) error
	}{
		{"fusion", func(c *taegis.Client) error {
			_, err := clients.New(c).CreateClient(t.Context(), clients.CreateClientArgs{Name: "x"})
			return err
		}},
		{"us2", func(c *taegis.Client) error {
			_, err := cases.New(c).CreateCase(t.Context(), phish)
			return err
		}},
		{"us2", func(c *taegis.Client) error {
			ctx := taegis.ContextWithEnvironment(t.Context(), "fusion")
			_, err := clients.New(c).CreateClient(ctx, clients.CreateClientArgs{Name: "x"})
			return err
		}},
	} {
		client, err := taegis.New(taegis.WithEnvironment(test.environment), taegis.WithAuthenticators(login),
			taegis.WithConfigFile(filepath.Join(t.TempDir(), "config")))
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		err = test.call(client)
		if fault, ok := errors.AsType[*core.PlatformError](err); !ok || fault.Platform == fault.Other || core.Hint(err) == "" {
			t.Errorf("%s: %v", test.environment, err)
		}
	}
}
