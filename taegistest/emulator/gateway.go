package emulator

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/schema"
)

// queryCacheSize is how many parsed documents a gateway keeps.
const queryCacheSize = 200

// gateway is one GraphQL endpoint. The first request parses its schema, because most programs use
// one gateway of seven.
type gateway struct {
	e        *Emulator
	path     string
	services []schema.Service

	mu     sync.Mutex // guards latest
	latest *version
}

// version is an endpoint with one version of the gateway's schema.
type version struct {
	drift  Drift
	schema *gatewaySchema
	server *handler.Server
}

// newGateways returns the gateways of all services by path. It includes the services of all hosts,
// because the emulator is one host.
func newGateways(e *Emulator) map[string]*gateway {
	services, err := schema.Services(core.PlatformTaegis)
	if err != nil {
		panic(err) // embedded, and checked by that package's tests
	}
	gateways := map[string]*gateway{}
	for _, s := range services {
		g := gateways[s.Gateway]
		if g == nil {
			g = &gateway{e: e, path: s.Gateway}
			gateways[s.Gateway] = g
		}
		g.services = append(g.services, s)
	}
	fusion, err := schema.Services(core.PlatformFusion)
	if err != nil {
		panic(err) // as above
	}
	gateways[pathFusionGraphQL] = &gateway{e: e, path: pathFusionGraphQL, services: fusion}
	return gateways
}

// isFusion reports whether the gateway is that of the successor platform.
func (g *gateway) isFusion() bool { return g.path == pathFusionGraphQL }

// version returns the endpoint for a drift. It keeps the latest one.
func (g *gateway) version(drift Drift) (*version, error) {
	drift = drift.ofSchema()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.latest != nil && g.latest.drift == drift {
		return g.latest, nil
	}
	s, err := g.schema(drift)
	if err != nil {
		return nil, fmt.Errorf("gateway %s: %w", g.path, err)
	}
	server := handler.New(&executable{schema: s})
	server.SetQueryCache(lru.New[*ast.QueryDocument](queryCacheSize))
	if drift.Seed == 0 && !g.isFusion() { // with drift, the types are what clients adapt to
		server.Use(&lenient{schema: s})
	}
	server.AddTransport(g.websocket())
	server.AddTransport(transport.POST{})
	g.latest = &version{drift: drift, schema: s, server: server}
	return g.latest, nil
}

// Schema returns the schema that the gateway with that path serves now, for example "/graphql",
// with the changes of [Config].Drift. The caller must not change it. A path that is not a gateway
// returns an error.
func (e *Emulator) Schema(gateway string) (*ast.Schema, error) {
	g := e.gateways[gateway]
	if g == nil {
		return nil, fmt.Errorf("emulator: no gateway has the path %q", gateway)
	}
	v, err := g.version(e.config.Load().Drift)
	if err != nil {
		return nil, fmt.Errorf("emulator: %w", err)
	}
	return v.schema.Schema, nil
}

// call is the request of an operation.
type call struct {
	*exchange
	owner       owner
	scope       scope
	partial     []string    // errors in addition to the data
	rejected    bool        // the token is not valid, and the WebSocket reports it in band
	subprotocol string      // of the WebSocket's handshake
	drop        func(Fault) // closes the WebSocket's connection without a close frame
}

type callKey struct{}

// executes counts the execution of a root field and calls OnExecute.
func (c *call) executes(field string, args map[string]any) {
	c.e.journal.execute(field)
	if c.config.OnExecute != nil {
		c.config.OnExecute(field, args)
	}
}

func callOf(ctx context.Context) *call { return ctx.Value(callKey{}).(*call) }

// serve checks the token and executes the GraphQL request.
func (g *gateway) serve(x *exchange) {
	upgrade := x.r.Header.Get("Upgrade") != ""
	o, valid := x.caller()
	if !valid && (!upgrade || !x.config.RejectInBand) {
		x.reject()
		return
	}
	if x.r.Method != http.MethodPost && !upgrade {
		x.w.Header().Set("Allow", http.MethodPost)
		x.json(http.StatusMethodNotAllowed, map[string]string{"message": "Method Not Allowed"})
		return
	}
	if valid && o.platform == core.PlatformFusion && x.fusionHeaders() {
		return
	}
	visible, allowed := x.scope(o)
	if valid && !allowed {
		x.forbid()
		return
	}
	if valid && (x.limited(o) || x.stepUp()) {
		return
	}
	v, err := g.version(x.config.Drift)
	if err != nil {
		x.json(http.StatusInternalServerError, map[string]string{"message": err.Error()})
		return
	}
	ctx := context.WithValue(x.r.Context(), callKey{}, &call{exchange: x, owner: o, scope: visible, rejected: !valid})
	var w http.ResponseWriter = x.w
	if g.isFusion() {
		serveFusion(v.server, x, x.r.WithContext(ctx))
		return
	}
	if status := x.config.Drift.Status; status != 0 && !upgrade {
		w = &statusOverride{ResponseWriter: x.w, status: status}
	}
	v.server.ServeHTTP(w, x.r.WithContext(ctx))
}

// statusOverride replaces the status 422 that gqlgen sends with validation errors.
type statusOverride struct {
	http.ResponseWriter
	status int
}

func (w *statusOverride) WriteHeader(status int) {
	if status == http.StatusUnprocessableEntity {
		status = w.status
	}
	w.ResponseWriter.WriteHeader(status)
}

// caller returns the owner of the request's token, and whether the token is valid on the platform
// of the request.
func (x *exchange) caller() (owner, bool) {
	o, valid := x.e.tokens.check(x.bearer(), x.config.Now)
	return o, valid && o.platform == x.platform()
}

// reject responds to a token that is not valid.
func (x *exchange) reject() {
	if x.platform() == core.PlatformFusion {
		x.json(http.StatusUnauthorized, map[string]string{"message": "unauthorized token"})
		return
	}
	failure := core.GraphQLError{Message: "the access token is missing, expired or revoked", Extensions: map[string]any{"code": "UNAUTHENTICATED"}}
	if x.config.RejectInBand {
		x.json(http.StatusOK, map[string]any{"errors": []core.GraphQLError{failure}, "data": nil})
		return
	}
	x.json(http.StatusUnauthorized, map[string]string{"message": failure.Message})
}

// forbid responds to a tenant that the account may not use.
func (x *exchange) forbid() {
	if x.platform() == core.PlatformFusion {
		x.fusionFailure(http.StatusForbidden, "Forbidden", "the client has no access to tenant "+x.tenant())
		return
	}
	x.json(http.StatusForbidden, map[string]any{"errors": []core.GraphQLError{{
		Message:    "the account has no access to tenant " + x.tenant(),
		Extensions: map[string]any{"code": "FORBIDDEN"},
	}}, "data": nil})
}

// operationNames returns the name and the root fields of a GraphQL request's operation. Any other
// request has none.
func operationNames(body []byte) []string {
	var message struct {
		Query         string `json:"query"`
		OperationName string `json:"operationName"`
	}
	if json.Unmarshal(body, &message) != nil {
		return nil
	}
	doc, err := parser.ParseQuery(&ast.Source{Input: message.Query})
	if err != nil {
		return nil
	}
	return namesOf(doc, doc.Operations.ForName(message.OperationName))
}

func namesOf(doc *ast.QueryDocument, operation *ast.OperationDefinition) []string {
	if operation == nil {
		return nil
	}
	var names []string
	add := func(name string) {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	add(operation.Name)
	seen := map[string]bool{}
	var walk func(ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, s := range set {
			switch s := s.(type) {
			case *ast.Field:
				add(s.Name)
			case *ast.InlineFragment:
				walk(s.SelectionSet)
			case *ast.FragmentSpread:
				if f := doc.Fragments.ForName(s.Name); f != nil && !seen[s.Name] {
					seen[s.Name] = true
					walk(f.SelectionSet)
				}
			}
		}
	}
	walk(operation.SelectionSet)
	return names
}
