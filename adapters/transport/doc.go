// Package transport is the wire: GraphQL over HTTP and subscriptions over WebSocket, with
// repetition and logging as middleware around them.
package transport
