package taegis_test

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/fusion/cases"
	"github.com/taegis-go/taegis/services/fusion/detections"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// emulatedFusion returns a client of the emulated successor, and the emulator.
func emulatedFusion(t *testing.T, change func(*emulator.Config), options ...taegis.Option) (*taegis.Client, *emulator.Server) {
	t.Helper()
	server := taegistest.NewServer(t, func(c *emulator.Config) {
		if change != nil {
			change(c)
		}
	})
	client, err := taegis.New(append([]taegis.Option{
		taegis.WithEnvironments(server.Fusion), taegis.WithEnvironment(server.Fusion.Name), taegis.WithTokenStore(&tokenstore.Memory{}),
		taegis.WithAuthenticators(&authn.ClientCredentials{
			ID: emulator.DemoSophosClientID, Secret: core.NewSecret(emulator.DemoSophosClientSecret),
		}), taegis.WithDriftCache(filepath.Join(t.TempDir(), "drift")),
	}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client, server
}

// A document that does not fit is adapted after status 400.
func TestFusionAdaptsToDrift(t *testing.T) {
	client, _ := emulatedFusion(t, func(c *emulator.Config) { c.Drift.Seed = 1 })
	var statuses []int
	var adapted []core.Adaptation
	ctx := taegis.ContextWithResponses(t.Context(), func(r core.Response) { statuses = append(statuses, r.Status) })
	ctx = taegis.ContextWithAdaptations(ctx, func(a core.Adaptation) { adapted = append(adapted, a) })
	list, err := detections.New(client).DetectionRetrieveByHost(ctx, detections.DetectionRetrieveByHostArgs{
		In: &detections.GetByIDRequestInput{IDs: []string{"host"}},
	})
	if err != nil || list == nil || len(adapted) != 1 || !slices.Contains(statuses, http.StatusBadRequest) {
		t.Errorf("%+v, adapted %d times, statuses %v, %v", list, len(adapted), statuses, err)
	}
}

// The code DOWNSTREAM_SERVICE_ERROR repeats nothing: only the status decides.
func TestFusionRepeatsByStatusOnly(t *testing.T) {
	client, server := emulatedFusion(t, nil)
	service := cases.New(client)
	_, err := service.Case(t.Context(), cases.CaseArgs{Arguments: cases.CaseArguments{ID: "1"}})
	answer, ok := errors.AsType[*core.ResponseError](err)
	if !ok || answer.Errors[0].Code() != "DOWNSTREAM_SERVICE_ERROR" || answer.Evidence != core.EvidenceExecuted || server.Count("/fusion/graphql case") != 1 {
		t.Errorf("%d requests, %v", server.Count("/fusion/graphql case"), err)
	}
	server.AddFault("/fusion/graphql", emulator.Fault{Times: 1, Status: http.StatusBadGateway})
	if _, err := service.CaseTypes(t.Context(), cases.CaseTypesArgs{}); err != nil || server.Count("/fusion/graphql caseTypes") != 2 {
		t.Errorf("a query after 502: %d requests, %v", server.Count("/fusion/graphql caseTypes"), err)
	}
	server.AddFault("/fusion/graphql", emulator.Fault{Times: 1, Status: http.StatusBadGateway})
	if _, err := service.CreateCase(t.Context(), phish); err == nil || server.Count("/fusion/graphql createCase") != 1 {
		t.Errorf("a mutation after 502: %d requests, %v", server.Count("/fusion/graphql createCase"), err)
	}
}

func TestFusionRateLimit(t *testing.T) {
	client, _ := emulatedFusion(t, func(c *emulator.Config) { c.Behavior.Limit.Requests = 1 }, taegis.WithRetry(core.RetryLimits{MaxTries: 1}))
	service := cases.New(client)
	var err error
	for err == nil {
		_, err = service.CaseTypes(t.Context(), cases.CaseTypesArgs{})
	}
	answer, ok := errors.AsType[*core.ResponseError](err)
	if !ok || !core.IsRateLimited(err) || answer.RetryAfter <= 0 {
		t.Errorf("got %v", err)
	}
}

// Data next to errors is decoded, and a rejected token, whose answer is a message alone, is
// refreshed.
func TestFusionPartialDataAndRejectedTokens(t *testing.T) {
	client, server := emulatedFusion(t, func(c *emulator.Config) { c.Corpus.Comments = 9 })
	service := cases.New(client)
	ctx := taegis.ContextWithSelection(t.Context(), "totalCount comments { id authorId authorSubject { id } }")
	var list *cases.CaseComments
	for k, err := range service.CasesAll(t.Context(), cases.CasesArgs{}) {
		if err != nil {
			t.Fatal(err)
		}
		list, err = service.CaseComments(ctx, cases.CaseCommentsArgs{Arguments: cases.CaseCommentsArguments{CaseID: k.ID}})
		if err == nil {
			continue // no comments
		}
		if answer, ok := errors.AsType[*core.ResponseError](err); !ok || !answer.Partial || len(list.Comments) == 0 || list.Comments[0].AuthorID == "" {
			t.Errorf("%+v, %v", list, err)
		}
		break
	}
	if len(list.Comments) == 0 {
		t.Error("there are no comments")
	}
	server.RevokeAll()
	if _, err := service.CaseTypes(t.Context(), cases.CaseTypesArgs{}); err != nil || server.Count("/fusion/api/v2/oauth2/token") != 2 {
		t.Errorf("%d logins, %v", server.Count("/fusion/api/v2/oauth2/token"), err)
	}
}

// A refused mutation that took effect is found by the caller's function, and not made twice.
func TestFusionFindsTheCaseThatWasRefused(t *testing.T) {
	client, server := emulatedFusion(t, func(c *emulator.Config) { c.Fusion.Refusals, c.Fusion.RefusedTakeEffect = -1, true })
	service := cases.New(client)
	find := func(ctx context.Context) (any, error) {
		page, err := service.Cases(ctx, cases.CasesArgs{Arguments: cases.CasesArguments{Query: new("title = 'phish'")}})
		if err != nil || len(page.Cases) == 0 {
			return nil, err
		}
		return page.Cases[0], nil
	}
	input := cases.CreateCaseInput{TypeID: "incident_response", Severity: 8, Title: "phish", PrimaryStatusID: "new"}
	made, err := service.CreateCase(taegis.ContextWithDuplicateFinder(t.Context(), find), cases.CreateCaseArgs{Input: input})
	if err != nil || made == nil || made.Title != "phish" || made.Severity != 8 || server.Count("/fusion/graphql createCase") != 1 {
		t.Fatalf("%+v after %d requests, %v", made, server.Count("/fusion/graphql createCase"), err)
	}

	server.Configure(func(c *emulator.Config) { c.Fusion.Refusals, c.Fusion.RefusedTakeEffect = 1, false })
	none := func(context.Context) (any, error) { return nil, nil }
	before := server.Count("/fusion/graphql addEvidenceToCase")
	got, err := service.AddEvidenceToCase(taegis.ContextWithDuplicateFinder(t.Context(), none), cases.AddEvidenceToCaseArgs{
		Input: cases.AddEvidenceToCaseInput{CaseID: made.ID, SearchQueries: []string{"q"}},
	})
	if n := server.Count("/fusion/graphql addEvidenceToCase") - before; err != nil || got.CaseID != made.ID || n < 1 || n > 2 {
		t.Errorf("%+v after %d requests, %v", got, n, err)
	}
	server.Configure(func(c *emulator.Config) { c.Fusion.Refusals = -1 })
	_, err = service.CreateCase(t.Context(), cases.CreateCaseArgs{Input: input})
	if _, ok := errors.AsType[*core.RepeatableError](err); !ok || !strings.Contains(err.Error(), "repeat the call if there is none") {
		t.Errorf("without a finder: %v", err)
	}
}

// The evidence of a case is there once its background work is done.
func TestFusionCaseWait(t *testing.T) {
	client, _ := emulatedFusion(t, func(c *emulator.Config) { c.Behavior.Polls = 1 })
	service := cases.New(client)
	page, err := detections.New(client).DetectionSearch(t.Context(), detections.DetectionSearchArgs{In: &detections.SearchRequestInput{
		CQLQuery: new("from alert severity >= 0.1 EARLIEST=-90d"), Limit: new(1),
	}})
	if err != nil || len(page.Alerts.List) != 1 {
		t.Fatalf("%+v, %v", page, err)
	}
	input := cases.CreateCaseInput{
		TypeID: "incident_response", Severity: 8, Title: "evidence", PrimaryStatusID: "new",
		DetectionIDs: []string{page.Alerts.List[0].ID},
	}
	made, err := service.CreateCase(t.Context(), cases.CreateCaseArgs{Input: input})
	if err != nil {
		t.Fatal(err)
	}
	done, err := service.CaseWait(t.Context(), cases.CaseArgs{Arguments: cases.CaseArguments{ID: made.ID}})
	if err != nil || done.DetectionsCount != 1 {
		t.Fatalf("%+v, %v", done, err)
	}
	evidence, err := service.CaseEvidence(t.Context(), cases.CaseEvidenceArgs{Arguments: cases.CaseEvidenceArguments{ID: made.ID}})
	if err != nil || len(evidence.DetectionsEvidence) != 1 || evidence.DetectionsEvidence[0].DetectionID != input.DetectionIDs[0] {
		t.Errorf("%+v, %v", evidence, err)
	}
	input.DetectionIDs = []string{"0b6f5a1e-0000-4000-8000-000000000000"}
	if _, err := service.CreateCase(t.Context(), cases.CreateCaseArgs{Input: input}); err == nil || !strings.Contains(err.Error(), "6 sections") {
		t.Errorf("a bare UUID: %v", err)
	}
}
