// Package syslog is a sink of an export: messages of RFC 5424 over TLS (RFC 5425) or TCP with octet
// counting (RFC 6587).
//
// Syslog has no acknowledgement. Sync returns when the machine of the receiver has all bytes, as
// far as the operating system can tell, and the receiver has not closed the connection; what the
// receiver had not read yet is lost if it is killed then. The sink reduces that loss: when it finds
// the connection closed, it sends the last messages again over the next one, so that they may
// arrive twice. With Confirm, each Sync ends the connection and waits until the receiver does too,
// which receivers do after they have read everything: then only a receiver loses messages that is
// killed with them in its memory. What a receiver does with the messages, for example cutting long
// ones, is not known either way. If no record may be lost, choose another sink.
//
// The messages are formatted here: the format is smaller than the interface of a library for it.
package syslog
