// Package transport sends GraphQL requests over HTTP, and subscriptions over WebSocket. A client
// uses it by default. [NewClient] makes the HTTP client; [Retry] and [Log] are middleware, which a
// program without a client puts around [HTTP] itself:
//
//	send := transport.Retry(core.DefaultRetryLimits)(transport.Log(logger)(&transport.HTTP{}))
package transport
