package catalog_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/adapters/transport/drift"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/rawjson"
	"github.com/taegis-go/taegis/paging"
	"github.com/taegis-go/taegis/services/catalog"
	"github.com/taegis-go/taegis/services/queryrelay"
	"github.com/taegis-go/taegis/services/search"
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
	if len(list) != 121 || continuations != 7 {
		t.Errorf("%d operations page and %d are continued, want 121 and 7", len(list), continuations)
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

// TestAllPagersAgainstTheEmulator compares, for each operation, the typed pager, the pager of JSON
// and the operation called by hand for all rows at once.
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
		taegisClient := clientOf(t, server.Environment, emulator.DemoClientID, emulator.DemoClientSecret)
		fusionClient := clientOf(t, server.Fusion, emulator.DemoSophosClientID, emulator.DemoSophosClientSecret)
		aCase := firstCase(t, taegisClient)
		for _, plan := range plans(t) {
			client := taegisClient
			if plan.Op.Platform == core.PlatformFusion {
				client = fusionClient
			}
			t.Run(fmt.Sprintf("%s.%s/%t", plan.Service, plan.Op.Name, zero), func(t *testing.T) {
				args := argsFor(plan)
				size := 5
				switch plan.Op.Name {
				case "commentsV2":
					args["arguments"] = map[string]any{"investigationId": aCase}
				case "caseComments":
					args["arguments"] = map[string]any{"caseId": aCase}
				case "caseFiles":
					if plan.MaxPage > 0 { // so that all are on one page
						args["arguments"] = map[string]any{"query": "caseId = '" + aCase + "'"}
					}
				case "liveDiscoverQueryRunEndpoints", "liveDiscoverQueryRunResults":
					args["runId"] = "x"
				case "eventCountByLogicalType":
					args["arguments"] = iocArguments()
				case "searchResults":
					args["rn"] = aSearch(t, client)
				case "searchResultFacets":
					args["rn"], size = "x", rows+1 // its only page
				case "fetchQueryRelayResults":
					args["input"] = map[string]any{"token": aRelayedQuery(t, client)}
				}
				var raw []string
				for row, err := range paging.Raw(t.Context(), client, plan, args, paging.Size(size)) {
					if err != nil {
						t.Fatal(err)
					}
					raw = append(raw, string(row))
				}
				typed, err := typedAll(t.Context(), client, plan, args, paging.Size(size))
				if err != nil {
					t.Fatal(err)
				}
				server.Configure(func(c *emulator.Config) { c.Behavior.PartSize = 1000 })
				first := 1
				if zero {
					first = 0
				}
				if plan.FirstPage != nil {
					first = *plan.FirstPage
				}
				hand := byHand(t, client, plan, args, first)
				server.Configure(func(c *emulator.Config) { c.Behavior.PartSize = 3 })
				if len(typed) != len(raw) || !sameRows(raw, hand) {
					t.Errorf("%d rows of JSON, %d typed, %d in one page", len(raw), len(typed), len(hand))
				}
			})
		}
	}
}

// clientOf returns a client of an environment.
func clientOf(t *testing.T, environment core.Environment, id, secret string) *taegis.Client {
	t.Helper()
	client, err := taegis.New(
		taegis.WithEnvironments(environment), taegis.WithEnvironment(environment.Name),
		taegis.WithTokenStore(&tokenstore.Memory{}),
		taegis.WithAuthenticators(&authn.ClientCredentials{ID: id, Secret: core.NewSecret(secret)}),
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// byHand returns the rows of an operation that is called once, for all rows in one page.
func byHand(t *testing.T, c *taegis.Client, plan paging.Plan, args map[string]any, first int) (rows []string) {
	t.Helper()
	set := func(path string, value any) {
		names, of := strings.Split(path, "."), args
		for _, name := range names[:len(names)-1] {
			inner, _ := of[name].(map[string]any)
			inner = maps.Clone(inner)
			if inner == nil {
				inner = map[string]any{}
			}
			of[name], of = inner, inner
		}
		if path != "" {
			of[names[len(names)-1]] = value
		}
	}
	args = maps.Clone(args)
	set(plan.Limit, cmp.Or(plan.MaxPage, 1000))
	switch plan.Strategy {
	case paging.OffsetLimit, paging.Range:
		set(plan.Cursor, 0)
	case paging.PageNumber:
		set(plan.Cursor, first)
	}
	req := &core.Request{Operation: plan.Op, Args: args}
	answer := func(text json.RawMessage) {
		for _, row := range itemsAt(t, text, plan.Items) {
			rows = append(rows, string(row))
		}
	}
	if plan.Kind == "subscription" {
		for text, err := range c.Subscribe(t.Context(), req) {
			if err != nil {
				t.Fatal(err)
			}
			answer(text)
		}
		return rows
	}
	var text json.RawMessage
	if err := c.Execute(t.Context(), req, &text); err != nil {
		t.Fatal(err)
	}
	answer(text)
	return rows
}

// itemsAt returns the elements of the list at a path of a result.
func itemsAt(t *testing.T, text json.RawMessage, path string) (items []json.RawMessage) {
	t.Helper()
	if path != "$" {
		for name := range strings.SplitSeq(path, ".") {
			var members map[string]json.RawMessage
			if err := json.Unmarshal(text, &members); err != nil {
				t.Fatalf("%s at %s: %v", text, name, err)
			}
			if text = members[name]; len(text) == 0 {
				return nil
			}
		}
	}
	if err := json.Unmarshal(text, &items); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return items
}

// iocArguments count the events of all users in the last month.
func iocArguments() map[string]any {
	day := func(back int) string { return time.Now().UTC().AddDate(0, 0, -back).Format("20060102") }
	return map[string]any{
		"earliest": day(31), "latest": day(1),
		"logicalTypeFilter": map[string]any{"logicalType": "user", "operator": "MATCHES_REGEX", "values": []string{"."}},
	}
}

// aSearch returns the name of a search for events that has ended.
func aSearch(t *testing.T, c *taegis.Client) string {
	t.Helper()
	s := search.New(c)
	text := "FROM process, auth EARLIEST=-30d"
	made, err := s.CreateSearch(t.Context(), search.CreateSearchArgs{Input: &search.CreateSearchInput{Text: &text}})
	if err != nil {
		t.Fatal(err)
	}
	done, err := s.SearchWait(t.Context(), search.SearchArgs{RN: made.RN})
	if err != nil {
		t.Fatal(err)
	}
	return done.RN
}

// aRelayedQuery returns the token of a query in SQL.
func aRelayedQuery(t *testing.T, c *taegis.Client) string {
	t.Helper()
	sql := "SELECT * FROM process"
	started, err := queryrelay.New(c).ExecuteQueryRelay(t.Context(), queryrelay.ExecuteQueryRelayArgs{Input: queryrelay.ExecuteQueryRelayInput{SQL: &sql}})
	if err != nil {
		t.Fatal(err)
	}
	return started.Token
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
			return rawjson.Member(row, "id")
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
