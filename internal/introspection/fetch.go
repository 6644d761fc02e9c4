package introspection

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// UnavailableError is returned if a gateway answers, but not with its schema: introspection is
// disabled, unsupported or broken there.
type UnavailableError struct {
	Host    string
	Gateway string // the path below the base URL, for example "/graphql"
	// Err is what the gateway answered, a [*core.ResponseError] in most cases.
	Err error
}

func (e *UnavailableError) Error() string {
	return fmt.Sprintf("%s%s does not return its schema: %v", e.Host, e.Gateway, e.Err)
}

// Unwrap returns what the gateway answered.
func (e *UnavailableError) Unwrap() error { return e.Err }

// Fetch requests the schema of the gateway of req through t. req determines environment, gateway,
// host, tenant, token, headers and the timeout of each attempt.
//
// If a gateway does not offer introspection, Fetch returns an [*UnavailableError]. A missing
// response, status 429 or 5xx, a rejected token and an ended context are returned as t returned
// them.
func Fetch(ctx context.Context, t ports.Transport, req *core.Request) (*ast.Schema, error) {
	ask := req.Clone()
	ask.Operation = &core.Operation{
		Name: operationName, Kind: core.KindQuery, Gateway: req.Operation.Gateway, Host: req.Operation.Host,
	}
	ask.Args, ask.Selection = nil, ""

	var data answer
	var err error
	for _, d := range []dialect{newest, inputsLikeAny, oldest} {
		ask.Document, data = d.document(), answer{}
		if err = t.Execute(ctx, ask, &data); !refusedDocument(err) {
			break
		}
	}
	if err == nil {
		var schema *ast.Schema
		if schema, err = data.schema(); err == nil {
			return schema, nil
		}
	} else if !unavailable(err) {
		return nil, err
	}
	return nil, &UnavailableError{Host: hostOf(ask), Gateway: gatewayOf(ask), Err: err}
}

// refusedDocument reports whether the gateway may answer a simpler query: it rejected this one
// before execution, for example because of an unknown field or argument.
func refusedDocument(err error) bool {
	answer, ok := errors.AsType[*core.ResponseError](err)
	return ok && len(answer.Errors) > 0 && !answer.Partial && unavailable(err)
}

// unavailable reports whether the gateway itself denied introspection. Otherwise it could not be
// reached, or not with this token.
func unavailable(err error) bool {
	answer, ok := errors.AsType[*core.ResponseError](err)
	switch {
	case !ok, errors.Is(err, core.ErrUnauthorized):
		return false
	case answer.Status == http.StatusTooManyRequests, answer.Status == http.StatusRequestTimeout:
		return false
	}
	return answer.Status < http.StatusInternalServerError
}

func hostOf(req *core.Request) string {
	u, err := url.Parse(req.URL())
	if err != nil {
		return req.Environment.Name
	}
	return u.Host
}

func gatewayOf(req *core.Request) string {
	if req.Operation.Gateway == "" {
		return core.DefaultGateway
	}
	return req.Operation.Gateway
}
