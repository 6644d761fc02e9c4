package emulator

import (
	"context"
	"errors"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/taegis-go/taegis/core"
)

// messages are the successive values of a subscription's field. An error is reported, with null as
// the value.
type messages []any

// streams are the subscriptions that do not send examples.
var streams = map[string]operation{
	"eventQuery": op((*call).runEventQuery),
	"eventPage":  op((*call).eventPage),

	"alertsServiceBulkResolutionProcessor": op((*call).bulkResolveAlerts),
	"detectionBulkResolutionProcessor":     op((*call).bulkResolveAlerts),
}

// messages starts the subscription, which has one field.
func (x *execution) messages() messages {
	fields := graphql.CollectFields(x.op, x.op.Operation.SelectionSet, x.satisfies(x.schema.Subscription))
	if len(fields) == 0 { // because of a directive
		return messages{nil}
	}
	was, args := x.schema.before(fields[0], x.op.Variables)
	x.call.executes(was.name, args)
	serve, own := streams[was.name]
	if l := x.call.listing(was.name, " subscription"); !own && l != nil {
		serve, own = func(c *call, args map[string]any) (any, error) { return c.listSubscription(l, args) }, true
	}
	if !own {
		return messages{example{name: was.name}, example{name: was.name, n: 1}}
	}
	response, err := serve(x.call, args)
	if err != nil {
		return messages{err}
	}
	return response.(messages)
}

// errRejected is the in-band error for a token that is not valid.
var errRejected = errors.New("UNAUTHENTICATED: the access token is missing, expired or revoked")

// subscribe serves a subscription. The faults of its operation apply here, because the handshake
// names no operation.
func (x *execution) subscribe() graphql.ResponseHandler {
	c := x.call
	names := namesOf(x.op.Doc, x.op.Operation)
	c.e.journal.subscribed(c.exchange, names)
	fault, _ := c.e.faults.next(c.config.Now(), routeNames(c.r.URL.Path, names, false))
	if fault.RevokeToken {
		c.e.Revoke(c.bearer())
	}
	if _, valid := c.e.tokens.check(c.bearer(), c.config.Now); !valid {
		return graphql.OneShot(errorResponse("UNAUTHENTICATED", errRejected.Error()))
	}
	sequence, sent := x.messages(), 0
	return func(ctx context.Context) *graphql.Response {
		if sent == len(sequence) || pause(ctx, fault.Delay) != nil {
			return nil
		}
		switch {
		case fault.replacesResponse():
			sent = len(sequence)
			return errorResponse("INTERNAL_SERVER_ERROR", http.StatusText(orDefault(fault.Status, http.StatusBadGateway)))
		case fault.Hang && sent > 0:
			<-ctx.Done()
			return nil
		case (fault.Drop || fault.Reset || fault.Truncate) && sent > 0:
			c.drop(fault)
			return nil
		}
		sent++
		response := x.respond(x.schema.Subscription, root{x: x, message: sequence[sent-1]})
		for _, e := range fault.Errors {
			response.Errors = append(response.Errors, &gqlerror.Error{Message: e.Message, Extensions: e.Extensions})
		}
		return response
	}
}

// errorResponse returns a response without data.
func errorResponse(code, message string) *graphql.Response {
	response := graphql.ErrorResponse(context.Background(), "%s", message)
	response.Errors[0].Extensions = core.GraphQLError{Extensions: map[string]any{"code": code}}.Extensions
	return response
}
