package emulator_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/schema"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// paged is an entry of paging.json.
type paged struct {
	Service, Operation, Kind, Strategy    string
	Items, ID, Limit, Cursor, Next, Total string
	More, Continuation                    string
	FirstPage                             *int
	MaxPage, Default                      int
}

// start is the operation with the first page: for a continuation another one.
func pagedOperations(t *testing.T) []paged {
	t.Helper()
	text, err := schema.FS.ReadFile("paging.json")
	var list []paged
	if err == nil {
		err = json.Unmarshal(text, &list)
	}
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// gatewayOf returns the path of a service's gateway.
func gatewayOf(t *testing.T, service string) string {
	t.Helper()
	services, err := gatewaysOfServices()
	if err != nil {
		t.Fatal(err)
	}
	return services[service]
}

var gatewaysOfServices = sync.OnceValues(func() (map[string]string, error) {
	services, err := schema.Services(core.PlatformTaegis)
	paths := map[string]string{}
	for _, s := range services {
		paths[s.Name] = s.Gateway
	}
	return paths, err
})

// elsewhere are operations whose pages other tests follow, because they are parts, messages or
// continue a search of another operation.
var elsewhere = []string{
	"alertsServicePoll", "alertsServiceSearch", "detectionPoll", "detectionSearch", "eventPage", "eventQuery",
	"eventCountPage", "eventCountByLogicalType", "searchResults", "searchResultFacets", "fetchQueryRelayResults",
}

// Each operation gives each of its rows exactly once, by its own rules and for each page size.
func TestEveryListHasPages(t *testing.T) {
	s := start(t, emulator.Config{Corpus: emulator.Corpus{Comments: 40}})
	access := token(t, s)
	discussed := mostDiscussed(t, s, access)
	tested, parsed := 0, map[string]*ast.Schema{}
	definitions := func(service string) *ast.Schema {
		if parsed[service] == nil {
			parsed[service] = sdl(t, service)
		}
		return parsed[service]
	}
	for _, p := range pagedOperations(t) {
		if slices.Contains(elsewhere, p.Operation) || strings.HasPrefix(p.Service, "fusion/") {
			continue
		}
		tested++
		def := definitions(p.Service)
		lengths := map[int]int{}
		for _, size := range []int{1, 7, 25, 30} {
			if p.Limit == "" { // a fixed size
				size = max(p.Default, 100)
			}
			rows := followPages(t, s, access, def, p, size, discussed)
			lengths[len(rows)]++
			if distinct := slices.Compact(slices.Sorted(slices.Values(rows))); p.ID != "" && len(distinct) != len(rows) {
				t.Errorf("%s %s by %d: %d rows, %d distinct", p.Service, p.Operation, size, len(rows), len(distinct))
			}
		}
		if len(lengths) != 1 {
			t.Errorf("%s %s: the page size changes the number of rows: %v", p.Service, p.Operation, lengths)
		}
		for n := range lengths {
			if n == 0 && p.Service != "clients" {
				t.Errorf("%s %s: no rows", p.Service, p.Operation)
			}
		}
	}
	if tested != 101 {
		t.Errorf("%d operations", tested)
	}
}

// followPages follows the pages of an operation and returns the IDs of all rows, or the rows.
func followPages(t *testing.T, s *emulator.Server, access string, def *ast.Schema, p paged, size int, discussed string) []string {
	t.Helper()
	root := def.Query
	if p.Kind == "subscription" {
		root = def.Subscription
	}
	field := root.Fields.ForName(p.Operation)
	var rows []string
	position, cursor := 0, ""
	if p.FirstPage != nil {
		position = *p.FirstPage
	}
	if p.Strategy == "page-number" && p.FirstPage == nil {
		position = 1
	}
	for page := 0; ; page++ {
		if page > 100 {
			t.Fatalf("%s %s: no end", p.Service, p.Operation)
		}
		args := map[string]any{}
		set(args, p.Limit, size)
		switch p.Operation {
		case "commentsV2":
			set(args, "arguments.investigationId", discussed)
		case "caseComments":
			set(args, "arguments.caseId", discussed)
		}
		switch p.Strategy {
		case "page-number", "offset-limit":
			set(args, p.Cursor, position)
		case "range":
			set(args, p.Cursor, position)
			set(args, p.Limit, position+size-1)
		default:
			if cursor != "" {
				set(args, p.Cursor, cursor)
			}
		}
		answer := callWith(t, s, access, p, field, def, args)
		items, _ := get(answer, p.Items).([]any)
		for _, item := range items {
			if id := get(item, p.ID); p.ID != "" && id == nil {
				t.Errorf("%s %s: a row without %s", p.Service, p.Operation, p.ID)
			}
			rows = append(rows, fmt.Sprint(get(item, p.ID)))
		}
		if total := get(answer, p.Total); p.Total != "" && total == nil {
			t.Errorf("%s %s: no total", p.Service, p.Operation)
		}
		next, _ := get(answer, p.Next).(string)
		more, flagged := get(answer, p.More).(bool)
		switch {
		case p.More != "" && !flagged:
			t.Errorf("%s %s: no %s", p.Service, p.Operation, p.More)
			return rows
		case p.More != "" && !more, p.Strategy == "token" && next == "", p.More == "" && len(items) == 0:
			return rows
		case p.Strategy == "after-cursor" && next == "":
			return rows
		}
		if p.Strategy == "page-number" {
			position++
		} else {
			position += size
		}
		if next != "" && next == cursor {
			t.Fatalf("%s %s: the cursor does not move", p.Service, p.Operation)
		}
		cursor = next
	}
}

// mostDiscussed returns the ID of the case with most comments.
func mostDiscussed(t *testing.T, s *emulator.Server, access string) string {
	t.Helper()
	list := value(t, s, access, "investigationsV2", `{ investigationsV2(arguments: {}) { investigations { id commentsCount { total } } } }`)
	id, most := "", -1.0
	for _, k := range list["investigations"].([]any) {
		if n := get(k, "commentsCount.total").(float64); n > most {
			id, most = get(k, "id").(string), n
		}
	}
	return id
}

// set sets an argument at a path.
func set(args map[string]any, path string, value any) {
	if path == "" {
		return
	}
	first, rest, nested := strings.Cut(path, ".")
	if !nested {
		args[first] = value
		return
	}
	if args[first] == nil {
		args[first] = map[string]any{}
	}
	set(args[first].(map[string]any), rest, value)
}

// get returns the value at a path of an answer; "$" and "" are the answer itself.
func get(value any, path string) any {
	if path == "" || path == "$" {
		return value
	}
	first, rest, _ := strings.Cut(path, ".")
	object, _ := value.(map[string]any)
	return get(object[first], rest)
}

// callWith calls an operation with arguments and examples of its other required ones.
func callWith(t *testing.T, s *emulator.Server, access string, p paged, field *ast.FieldDefinition, def *ast.Schema, args map[string]any) any {
	t.Helper()
	var arguments []string
	for _, a := range field.Arguments {
		if value, given := args[a.Name]; given {
			arguments = append(arguments, a.Name+": "+written(value))
		} else if a.Type.NonNull {
			arguments = append(arguments, a.Name+": "+literal(def, a.Type, 0))
		}
	}
	text := p.Operation
	if len(arguments) > 0 {
		text += "(" + strings.Join(arguments, ", ") + ")"
	}
	id := p.ID
	if id == "$" {
		id = ""
	}
	text += selectPaths(def, field.Type.Name(), []string{p.Items + "." + id, p.Total, p.Next, p.More})
	if p.Kind == "subscription" {
		return subscribed(t, s, access, gatewayOf(t, p.Service), p.Operation, text)
	}
	a := graphQL(t, s, gatewayOf(t, p.Service), access, "{ "+text+" }", nil)
	if a.json["errors"] != nil {
		t.Fatalf("%s: %.500s", text[:min(len(text), 200)], a.text)
	}
	return a.json["data"].(map[string]any)[p.Operation]
}

// selectPaths selects the values at paths, and the type's name of objects without a path.
func selectPaths(def *ast.Schema, typeName string, paths []string) string {
	if !def.Types[typeName].IsCompositeType() {
		return ""
	}
	var names []string
	rest := map[string][]string{}
	for _, path := range paths {
		first, below, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(path, "$"), "."), ".")
		if first == "" {
			continue
		}
		if rest[first] == nil {
			names = append(names, first)
		}
		rest[first] = append(rest[first], below)
	}
	text := " { __typename"
	for _, name := range names {
		text += " " + name
		if f := def.Types[typeName].Fields.ForName(name); f != nil {
			text += selectPaths(def, f.Type.Name(), rest[name])
		}
	}
	return text + " }"
}

// written writes a value as a literal of GraphQL.
func written(value any) string {
	object, ok := value.(map[string]any)
	if !ok {
		if text, isText := value.(string); isText {
			return strconv.Quote(text)
		}
		return fmt.Sprint(value)
	}
	var members []string
	for name, member := range object {
		members = append(members, name+": "+written(member))
	}
	return "{" + strings.Join(members, ", ") + "}"
}

// subscribed returns the last message of a subscription.
func subscribed(t *testing.T, s *emulator.Server, access, path, name, field string) any {
	t.Helper()
	environment, err := core.NewEnvironment("loopback", s.URL)
	if err != nil {
		t.Fatal(err)
	}
	req := &core.Request{
		Operation:   &core.Operation{Name: name, Kind: core.KindSubscription, Gateway: path},
		Document:    "subscription " + name + " { " + field + " }",
		Environment: environment, Token: core.NewSecret(access),
	}
	var data map[string]any
	if err := json.Unmarshal(run(t, req, map[string]bool{}), &data); err != nil {
		t.Fatal(err)
	}
	return data[name]
}
