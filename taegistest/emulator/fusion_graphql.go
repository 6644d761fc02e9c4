package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/taegis-go/taegis/internal/fusion"
)

// Codes of errors of the successor (docs/protocol.md#errors-of-the-successor).
const (
	codeDownstream = "DOWNSTREAM_SERVICE_ERROR"
	codeBadRequest = "BAD_REQUEST"
	codeBadInput   = "BAD_USER_INPUT"
	codeInvalid    = "GRAPHQL_VALIDATION_FAILED"
	codeUnparsable = "GRAPHQL_PARSE_FAILED"
)

// serveFusion answers a request, with the statuses and forms that the successor's gateway has for
// documents and variables that do not fit.
func serveFusion(server http.Handler, x *exchange, r *http.Request) {
	w := &bufferedWriter{header: x.w.Header()}
	server.ServeHTTP(w, r)
	status, body := w.status, w.body.Bytes()
	var answer map[string]json.RawMessage
	var failures gqlerror.List
	if json.Unmarshal(body, &answer) == nil && json.Unmarshal(answer["errors"], &failures) == nil && len(failures) > 0 {
		if changed := statusOf(failures, x.config.Drift); changed != 0 {
			status = changed
			delete(answer, "data")
			answer["errors"] = encoded(failures)
			body = encoded(answer)
		}
	}
	x.w.Header().Del("Content-Length")
	x.w.WriteHeader(orDefault(status, http.StatusOK))
	_, _ = x.w.Write(body) // the client may have disconnected
}

// statusOf returns the status for errors of validation, which it brings into the gateway's form,
// and 0 for other errors.
func statusOf(failures gqlerror.List, version Drift) int {
	switch code := failures[0].Extensions["code"]; {
	case code != codeInvalid && code != codeUnparsable:
		return 0
	case failures[0].Message == "must be defined": // a variable, or a field of one
		for _, f := range failures {
			f.Message = fmt.Sprintf("variable $%s is required and was not provided", variablePath(f.Path))
			f.Path, f.Extensions = nil, map[string]any{"code": codeBadInput}
		}
		return http.StatusOK
	}
	return orDefault(version.Status, http.StatusBadRequest)
}

// variablePath returns the path of a variable, with dots.
func variablePath(path ast.Path) string {
	_, name, _ := strings.Cut(path.String(), ".")
	return name
}

func encoded(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // it was decoded
	}
	return text
}

// bufferedWriter keeps an answer.
type bufferedWriter struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *bufferedWriter) Header() http.Header { return w.header }

func (w *bufferedWriter) WriteHeader(status int) { w.status = status }

func (w *bufferedWriter) Write(p []byte) (int, error) { return w.body.Write(p) }

// answer executes a root field. On the successor it applies the gateway's rules.
func (x *execution) answer(field string, args map[string]any) (any, error) {
	if !x.schema.strict {
		return x.call.answer(field, args)
	}
	var roots []string
	for _, f := range x.fields(x.rootType(), x.op.Operation.SelectionSet) {
		roots = append(roots, f.was.name)
	}
	if among := fusion.CaseRoots(roots); len(among) > 1 && slices.Contains(among, field) {
		return nil, x.call.downstream(field, "conn busy")
	}
	if x.call.e.refusals.refuses(x.call.config.Fusion.Refusals, field) {
		if x.call.config.Fusion.RefusedTakeEffect {
			if _, err := x.call.answer(field, args); err != nil {
				return nil, err
			}
		}
		failure := x.call.downstream(field, "not allowed")
		failure.Path = ast.Path{ast.PathName(fusion.PartnerPreferences)}
		return nil, failure
	}
	value, err := x.call.answer(field, args)
	if err != nil {
		err = x.call.fusionError(field, err)
	}
	return value, err
}

// rootType returns the type with the operation's root fields.
func (x *execution) rootType() *ast.Definition {
	if x.op.Operation.Operation == ast.Mutation {
		return x.schema.Mutation
	}
	return x.schema.Query
}

// refusals counts the mutations that are refused for a reason that passes.
type refusals struct{ calls atomic.Int64 }

// refuses reports whether a call of a mutation is refused: of each n+1 calls all but the last one,
// or all if n is negative.
func (r *refusals) refuses(n int, field string) bool {
	if n == 0 || field != "createCase" && field != "addEvidenceToCase" {
		return false
	}
	call := r.calls.Add(1)
	return n < 0 || call%int64(n+1) != 0
}

// downstream returns an error of the service behind a root field.
func (c *call) downstream(field, message string) *gqlerror.Error {
	service := "investigations-v2"
	for _, s := range c.e.gateways[pathFusionGraphQL].services {
		for _, op := range s.Operations {
			if op.Name == field && s.Name != "fusion/cases" {
				service = s.API
			}
		}
	}
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": codeDownstream, "serviceName": service}}
}

// fusionError brings an error of a service into the successor's form.
func (c *call) fusionError(field string, err error) error {
	failure, ok := errors.AsType[*gqlerror.Error](err)
	if !ok {
		failure = gqlerror.Wrap(err)
	}
	switch failure.Extensions["code"] {
	case codeBadRequest, codeDownstream:
		return failure
	case "NOT_FOUND":
		return c.downstream(field, "record not found")
	}
	return c.downstream(field, failure.Message)
}

// checkResourceNames returns an error for the first ID that is not a resource name. The name of a
// detector can have colons itself.
func checkResourceNames(ids ...string) error {
	for _, id := range ids {
		if strings.Count(id, ":") < 5 {
			return badInput(fmt.Sprintf("invalid resource name %q: 6 sections are needed", id))
		}
	}
	return nil
}
