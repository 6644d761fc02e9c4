// Package nats is a sink of an export: a stream of NATS JetStream.
//
// Each message has the header Nats-Msg-Id with a digest of the record's identity and version. The
// server drops a message with an id that it has stored within the duplicate window of the stream,
// so that a record arrives once if an interruption of the export is shorter than that window.
// Without a window, or after a longer interruption, it arrives at least once. Sync waits for the
// acknowledgement of each message, which the server sends when the stream has stored it; how
// durably it does, for example on how many servers, follows from the configuration of the stream.
//
// The stream must exist, and have the subject of the sink.
package nats
