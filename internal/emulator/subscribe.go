package emulator

import (
	"context"
	"errors"
	"net/http"

	"github.com/99designs/gqlgen/graphql"

	"github.com/taegis-go/taegis/core"
)

// subscriptionLength is how many messages a subscription sends before it completes.
const subscriptionLength = 2

// errRejected is what a WebSocket hears in band of a token that is no good.
var errRejected = errors.New("UNAUTHENTICATED: the access token is missing, expired or revoked")

// subscribe answers a subscription with generated messages. The faults of its operation apply
// here, because the handshake that carries it names none.
func (x *execution) subscribe() graphql.ResponseHandler {
	c := x.call
	names := namesOf(x.op.Doc, x.op.Operation)
	c.e.journal.subscribed(c.exchange, names)
	fault, _ := c.e.faults.take(c.config.Now(), routeNames(c.r.URL.Path, names, false))
	if fault.RevokeToken {
		c.e.Revoke(c.bearer())
	}
	if _, valid := c.e.tokens.check(c.bearer(), c.config.Now); !valid {
		return graphql.OneShot(refusal("UNAUTHENTICATED", errRejected.Error()))
	}
	sent := 0
	return func(ctx context.Context) *graphql.Response {
		if sent == subscriptionLength || pause(ctx, fault.Delay) != nil {
			return nil
		}
		switch {
		case fault.Status != 0 || fault.HTML:
			sent = subscriptionLength
			return refusal("INTERNAL_SERVER_ERROR", http.StatusText(orDefault(fault.Status, http.StatusBadGateway)))
		case (fault.Drop || fault.Tear) && sent > 0:
			c.drop()
			return nil
		}
		sent++
		return x.respond(x.schema.Subscription, root{x: x, n: sent - 1})
	}
}

// refusal is an answer without data.
func refusal(code, message string) *graphql.Response {
	response := graphql.ErrorResponse(context.Background(), "%s", message)
	response.Errors[0].Extensions = core.GraphQLError{Extensions: map[string]any{"code": code}}.Extensions
	return response
}
