package drift_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/adapters/transport/drift"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// gateway is a server that records documents and responds with an empty value to those that it
// accepts.
type gateway struct {
	core.Environment
	mu             sync.Mutex
	documents      []string
	introspections int // requests for the schema
}

// reject returns the body of a response that rejects a document, or "" to accept it.
type reject func(document string, variables map[string]any) string

func newGateway(t testing.TB, status int, decide reject) *gateway {
	t.Helper()
	g := &gateway{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var ask struct {
			Query     string
			Variables map[string]any
		}
		body, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(body, &ask); err != nil {
			t.Error(err)
		}
		g.mu.Lock()
		if strings.Contains(ask.Query, "__schema") {
			g.introspections++
		} else {
			g.documents = append(g.documents, ask.Query)
		}
		g.mu.Unlock()
		if rejection := decide(ask.Query, ask.Variables); rejection != "" {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, rejection)
			return
		}
		_, _ = io.WriteString(w, `{"data":{"client":{"clientID":"c1"}}}`)
	}))
	t.Cleanup(server.Close)
	var err error
	if g.Environment, err = core.NewEnvironment("loopback", server.URL); err != nil {
		t.Fatal(err)
	}
	return g
}

// sent returns the recorded documents and clears the record.
func (g *gateway) sent() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := g.documents
	g.documents = nil
	return list
}

// validating rejects documents that are not valid for an SDL, with the messages of gqlparser.
func validating(t testing.TB, sdl string) reject {
	t.Helper()
	schema, err := gqlparser.LoadSchema(&ast.Source{Input: sdl})
	if err != nil {
		t.Fatal(err)
	}
	return func(document string, _ map[string]any) string {
		_, faults := gqlparser.LoadQueryWithRules(schema, document, rules.NewDefaultRules())
		if len(faults) == 0 {
			return ""
		}
		text, err := json.Marshal(map[string]any{"errors": faults, "data": nil})
		if err != nil {
			t.Error(err)
		}
		return string(text)
	}
}

// newMiddleware returns an HTTP transport with [drift.Middleware].
func newMiddleware(config drift.Config) ports.Transport {
	if config.Logger == nil {
		config.Logger = discard
	}
	return drift.Middleware(config)(&transport.HTTP{})
}

// client is a query with every feature that can be adapted.
var client = core.Operation{
	Name: "client", Kind: core.KindQuery,
	Arguments:         []core.Argument{{Name: "id", Type: "String!"}, {Name: "filter", Type: "Filter"}, {Name: "note", Type: "String", Inline: true}},
	Selection:         "{ clientID name child { name note } pet { __typename ... on Cat { name } ... on Dog { name age } } }",
	DeprecatedAliases: []core.DeprecatedAlias{{Type: "Client", Field: "clientID", Deprecated: "client_id"}},
}

func request(g *gateway, op core.Operation, args map[string]any) *core.Request {
	return &core.Request{Operation: &op, Args: args, Environment: g.Environment}
}

// parts returns the declared variables and the selection of a document.
func parts(document string) (declared, selection string) {
	head, selection, _ := strings.Cut(document, "\n")
	_, declared, _ = strings.Cut(head, "(")
	declared, _, _ = strings.Cut(declared, ")")
	return declared, strings.TrimSuffix(selection, " }")
}

var discard = slog.New(slog.DiscardHandler)
