package nats

import (
	"errors"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/natsconfig"
	"github.com/taegis-go/taegis/internal/natswire"
)

// fault returns the error of the store for one of the connection or the bucket.
func (s *Store) fault(err error) *core.SinkError {
	f := natsconfig.Fault(s.name(), err, "permit the user to use the bucket, the API of JetStream and its inbox",
		"check that a majority of the servers runs and can be reached")
	answer, isAnswer := errors.AsType[*apiError](err)
	switch {
	case isAnswer:
		f.Permanent, f.HintText = answer.Code < 500, "check the bucket and its limits"
	case errors.Is(err, natswire.ErrTooLarge):
		f.Permanent, f.HintText = true, "permit messages of 1 MB on the servers"
	case errors.Is(err, errNoBucket):
		f.HintText = "check that JetStream is enabled, and that a majority of the servers runs"
	}
	return f
}
