// Package natstest tests the sink for NATS JetStream against the current nats-server, in a module
// of its own, so that the server is no dependency of the SDK.
package natstest
