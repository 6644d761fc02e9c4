package drift_test

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/adapters/transport/drift"
	"github.com/taegis-go/taegis/core"
)

// customer is client with the name that other servers have for it.
func customer() core.Operation {
	op := client
	op.Alternative = "customer"
	return op
}

// An operation that a server lacks is replaced by its alternative, once for all calls, and the result
// keeps its name. Further changes are found behind it.
func TestAlternativeOperation(t *testing.T) {
	for name, test := range map[string]struct {
		replacements []string
		omitted      string
	}{
		"only the name differs": {[]string{"client(", "customer("}, ""},
		"a field is absent too": {[]string{"client(", "customer(", "name: String note: String }", "name: String }"}, "client.child.note"},
		"without a similar name": {
			[]string{"client(id: String!, filter: Filter, note: String): Client", "customer(id: String!, filter: Filter, note: String): Client\nother: Int"}, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "drift")
			g := newGateway(t, 422, validating(t, schemaOf(test.replacements...)))
			var requests []int
			for range 2 { // two processes
				wire := newMiddleware(drift.Config{Dir: dir})
				for range 2 {
					var result struct{ ClientID string }
					var adapted core.Adaptation
					req := request(g, customer(), map[string]any{"id": "1"})
					req.OnAdapt = func(a core.Adaptation) { adapted = a }
					if err := wire.Execute(t.Context(), req, &result); err != nil {
						t.Fatal(err)
					}
					if result.ClientID != "c1" || len(adapted.Renamed) != 1 || adapted.Renamed[0] != "client: customer" ||
						strings.Join(adapted.Omitted, " ") != test.omitted {
						t.Errorf("%+v, %+v", result, adapted)
					}
					documents := g.sent()
					requests = append(requests, len(documents))
					if last := documents[len(documents)-1]; !strings.Contains(last, "{ client: customer(") {
						t.Errorf("sent %s", last)
					}
				}
			}
			if requests[0] < 2 || requests[1] != 1 || requests[2] != 1 || requests[3] != 1 {
				t.Errorf("requests of each call: %v", requests)
			}
		})
	}
}

func TestServerWithoutTheAlternative(t *testing.T) {
	g := newGateway(t, 400, validating(t, schemaOf("client(", "other(")))
	err := newMiddleware(drift.Config{}).Execute(t.Context(), request(g, customer(), map[string]any{"id": "1"}), nil)
	if fault, ok := errors.AsType[*core.SchemaError](err); !ok || !fault.NoOperation || fault.Error() != "client: the server does not have this operation" {
		t.Error(err)
	}
}

// A failed execution of an operation that exists never leads to the alternative.
func TestNoAlternativeAfterExecution(t *testing.T) {
	answer, err := json.Marshal(map[string]any{
		"data":   map[string]any{"client": nil},
		"errors": []any{map[string]any{"message": `Cannot query field "client" on type "Query".`, "path": []string{"client"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	g := newGateway(t, 200, func(string, map[string]any) string { return string(answer) })
	err = newMiddleware(drift.Config{}).Execute(t.Context(), request(g, customer(), map[string]any{"id": "1"}), nil)
	if documents := g.sent(); err == nil || len(documents) != 1 {
		t.Errorf("%d requests, %v", len(documents), err)
	}
}
