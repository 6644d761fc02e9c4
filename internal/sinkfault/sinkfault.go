// Package sinkfault makes the errors that the sinks of an export share.
package sinkfault

import (
	"context"

	"github.com/taegis-go/taegis/core"
)

// Setting returns the error of a sink that cannot work with its configuration.
func Setting(sink, reason, hint string) *core.SinkError {
	return &core.SinkError{Sink: sink, Reason: reason, HintText: hint, Permanent: true}
}

// Position returns the error of a sink that does not have the position of an export.
func Position(sink string) *core.SinkError {
	return Setting(sink, "the position of the export is not one of this sink",
		"use the sink that the export was begun with, or begin another export")
}

// Ended returns the error of a sink if the context has ended.
func Ended(ctx context.Context, sink string) *core.SinkError {
	return &core.SinkError{Sink: sink, Reason: "the export has ended", Err: context.Cause(ctx)}
}

// NotOpen returns the error of a sink that was not opened.
func NotOpen(sink string) *core.SinkError {
	return Setting(sink, "it is not open", "call Open first")
}
