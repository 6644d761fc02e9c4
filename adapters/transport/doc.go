// Package transport sends GraphQL requests over HTTP and subscriptions over WebSocket. Retries and
// logging are middleware.
package transport
