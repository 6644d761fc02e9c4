package transport

import (
	"context"
	"net/http"

	"github.com/taegis-go/taegis/core"
)

// exchange holds the parts of a response that [Log] needs and the port does not return.
type exchange struct {
	status    int
	requestID string
}

type exchangeKey struct{}

// withExchange returns a context in which the next response is recorded.
func withExchange(ctx context.Context) (context.Context, *exchange) {
	e := new(exchange)
	return context.WithValue(ctx, exchangeKey{}, e), e
}

type tryKey struct{}

// withTry returns a context for the nth attempt of a request. The first attempt does not need it.
func withTry(ctx context.Context, n int) context.Context {
	if n == 1 {
		return ctx
	}
	return context.WithValue(ctx, tryKey{}, n)
}

// tryOf returns the number of the attempt that ctx belongs to, from 1.
func tryOf(ctx context.Context) int {
	if n, ok := ctx.Value(tryKey{}).(int); ok {
		return n
	}
	return 1
}

// noteResponse fills in the exchange of ctx, if there is one, and calls the request's OnResponse.
func noteResponse(ctx context.Context, req *core.Request, resp *http.Response) {
	id := resp.Header.Get("X-Request-Id")
	if e, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		e.status, e.requestID = resp.StatusCode, id
	}
	if req.OnResponse != nil {
		date, _ := http.ParseTime(resp.Header.Get("Date")) // the zero time if there is none
		req.OnResponse(core.Response{
			Operation: nameOf(req), Host: hostOf(req), Status: resp.StatusCode, RequestID: id, Date: date,
		})
	}
}
