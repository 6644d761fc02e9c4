package catalog_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/adapters/transport/drift"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/paging"
	"github.com/taegis-go/taegis/services/catalog"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// plans returns how all operations page.
func plans(t testing.TB) []paging.Plan {
	t.Helper()
	var list []paging.Plan
	continuations := 0
	for _, service := range catalog.Services() {
		operations, err := catalog.Operations(service)
		if err != nil {
			t.Fatal(err)
		}
		for _, op := range operations {
			plan, found, err := catalog.Paging(op)
			if err != nil {
				t.Fatal(err)
			}
			if found {
				list = append(list, plan)
			}
			if plan.Next != nil {
				continuations++
			}
		}
	}
	if len(list) != 109 || continuations != 5 {
		t.Errorf("%d operations page and %d are continued, want 109 and 5", len(list), continuations)
	}
	return list
}

// TestRequiredFieldsAreSelected checks what pagers require against the default selections.
func TestRequiredFieldsAreSelected(t *testing.T) {
	for _, plan := range plans(t) {
		w := &capture{}
		for range paging.Raw(t.Context(), w, plan, nil) {
			break
		}
		if w.req == nil {
			t.Errorf("%s sent nothing", plan.Op.Name)
			continue
		}
		if err := drift.CheckRequired(w.req); err != nil {
			t.Errorf("%s.%s: %v", plan.Service, plan.Op.Name, err)
		}
	}
}

// typedAll runs the typed pager of a plan, and returns its rows as JSON.
func typedAll(ctx context.Context, c *taegis.Client, plan paging.Plan, args any, opts ...paging.Option) ([]string, error) {
	service := reflect.ValueOf(services[plan.Service](c))
	for i := range service.NumMethod() {
		method := service.Method(i)
		name := service.Type().Method(i).Name
		if !method.Type().IsVariadic() || !strings.EqualFold(strings.TrimSuffix(strings.TrimSuffix(name, "All"), "Subscription"), strings.ReplaceAll(plan.Op.Name, "_", "")) {
			continue
		}
		in := reflect.New(method.Type().In(1))
		text, err := json.Marshal(args)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(text, in.Interface()); err != nil {
			return nil, err
		}
		values := []reflect.Value{reflect.ValueOf(ctx), in.Elem()}
		for _, opt := range opts {
			values = append(values, reflect.ValueOf(opt))
		}
		return rowsOf(method.Call(values)[0])
	}
	return nil, errors.New("there is no method")
}

// rowsOf reads an iter.Seq2 of rows and errors.
func rowsOf(sequence reflect.Value) (rows []string, err error) {
	for row, failure := range sequence.Seq2() {
		if !failure.IsNil() {
			err, _ = reflect.TypeAssert[error](failure)
			return rows, err
		}
		text, err := json.Marshal(row.Interface())
		if err != nil {
			return rows, err
		}
		rows = append(rows, string(text))
	}
	return rows, nil
}

// notLists are operations whose answers the emulator makes up, whatever page is asked for.
var notLists = map[string]bool{
	"eventCountByLogicalType": true, "fetchQueryRelayResults": true, "searchResults": true, "searchResultFacets": true,
}

// TestAllPagersAgainstTheEmulator compares, for each operation, the typed pager, the pager of JSON and
// the operation called by hand for all rows at once.
func TestAllPagersAgainstTheEmulator(t *testing.T) {
	const rows = 23
	for _, zero := range []bool{false, true} {
		server := taegistest.NewServer(t, func(c *emulator.Config) {
			c.Corpus = emulator.Corpus{
				Seed: 7, Alerts: rows, Events: rows, Cases: rows, Assets: rows, Audits: rows, Users: rows, Rules: rows, Rows: rows,
				Comments: rows, Files: rows, Burst: 3,
			}
			c.Behavior.FirstPageZero = zero
			c.Behavior.Parts = emulator.PartsAdvance
			c.Behavior.PartSize = 3
		})
		client, err := taegis.New(
			taegis.WithEnvironments(server.Environment), taegis.WithEnvironment(server.Environment.Name),
			taegis.WithTokenStore(&tokenstore.Memory{}),
			taegis.WithAuthenticators(&authn.ClientCredentials{
				ID: emulator.DemoClientID, Secret: core.NewSecret(emulator.DemoClientSecret),
			}),
		)
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		aCase := firstCase(t, client)
		for _, plan := range plans(t) {
			if notLists[plan.Op.Name] {
				continue
			}
			t.Run(fmt.Sprintf("%s.%s/%t", plan.Service, plan.Op.Name, zero), func(t *testing.T) {
				args := argsFor(plan)
				switch plan.Op.Name {
				case "commentsV2":
					args["arguments"] = map[string]any{"investigationId": aCase}
				case "caseComments":
					args["arguments"] = map[string]any{"caseId": aCase}
				}
				var raw []string
				for row, err := range paging.Raw(t.Context(), client, plan, args, paging.Size(5)) {
					if err != nil {
						t.Fatal(err)
					}
					raw = append(raw, string(row))
				}
				typed, err := typedAll(t.Context(), client, plan, args, paging.Size(5))
				if err != nil {
					t.Fatal(err)
				}
				large, err := typedAll(t.Context(), client, plan, args, paging.Size(1000))
				if err != nil {
					t.Fatal(err)
				}
				if len(raw) != len(typed) || !sameRows(typed, large) {
					t.Errorf("%d rows of JSON, %d typed, %d in one page", len(raw), len(typed), len(large))
				}
			})
		}
	}
}

// firstCase returns the id of a case.
func firstCase(t *testing.T, c *taegis.Client) string {
	t.Helper()
	for _, plan := range plans(t) {
		if plan.Op.Name != "investigationsV2" {
			continue
		}
		for row, err := range paging.Raw(t.Context(), c, plan, argsFor(plan), paging.Limit(1)) {
			if err != nil {
				t.Fatal(err)
			}
			return paging.Member(row, "id")
		}
	}
	t.Fatal("there is no case")
	return ""
}

func sameRows(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// argsFor returns the required arguments of an operation, and the query of those that take one.
func argsFor(plan paging.Plan) map[string]any {
	args := map[string]any{}
	for _, a := range plan.Op.Arguments {
		switch {
		case !strings.HasSuffix(a.Type, "!"):
		case a.Name == "query" && a.Type == "String!":
			args[a.Name] = "FROM process, auth EARLIEST=-30d"
		case strings.HasPrefix(a.Type, "String"):
			args[a.Name] = "x-1"
		case strings.HasPrefix(a.Type, "["):
			args[a.Name] = []string{}
		case strings.HasPrefix(a.Type, "Int"):
			if a.Name == "id" {
				args[a.Name] = 1
			}
		case a.Name == "type":
			args[a.Name] = "IP"
		case a.Name == "eventType":
			args[a.Name] = "auth"
		case a.Name == "objectType":
			args[a.Name] = "report"
		default:
			args[a.Name] = map[string]any{}
		}
	}
	if plan.Strategy == paging.Parts {
		args["in"] = map[string]any{"cql_query": "FROM alert EARLIEST=-30d"}
	}
	return args
}

// capture keeps the first request.
type capture struct{ req *core.Request }

var errCaptured = errors.New("captured")

func (c *capture) Execute(_ context.Context, req *core.Request, _ any) error {
	if c.req == nil {
		c.req = req
	}
	return errCaptured
}

func (c *capture) Subscribe(_ context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) { yield(nil, c.Execute(context.Background(), req, nil)) }
}
