package nats

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/taegis-go/taegis/internal/natsconfig"
	"github.com/taegis-go/taegis/internal/natswire"
	"github.com/taegis-go/taegis/internal/sinkfault"
)

// connect connects if there is no connection. It is not repaired when it ends, because the messages
// that are not acknowledged have to be published again all the same.
func (s *Sink) connect(ctx context.Context) error {
	switch {
	case ctx.Err() != nil:
		return sinkfault.Ended(ctx, s.name())
	case s.link != nil:
		return nil
	}
	link, err := natswire.Connect(ctx, s.wire)
	if err != nil {
		return s.fault(ctx, err)
	}
	s.link = link
	return nil
}

// streamError is the error of a stream's answer.
type streamError struct {
	Code        int    `json:"code"`
	ErrCode     int    `json:"err_code"`
	Description string `json:"description"`
}

func (e *streamError) Error() string { return e.Description }

// messageTooLarge is the ErrCode for a message that is larger than the stream permits.
const messageTooLarge = 10054

var (
	errNoStream       = errors.New("no stream takes the subject")
	errNoStreamAnswer = errors.New("the subject is not one of JetStream: something else has answered")
	errUnacknowledged = errors.New("a message was not acknowledged")
	errLost           = errors.New("the connection was lost before all messages were acknowledged")
)

// acknowledged returns nil for the answer of a stream that has stored the message.
func acknowledged(answer natswire.Answer) error {
	if answer.Status != "" && len(answer.Data) == 0 {
		return errNoStream
	}
	var ack struct {
		Stream string       `json:"stream"`
		Error  *streamError `json:"error"`
	}
	switch err := json.Unmarshal(answer.Data, &ack); {
	case err == nil && ack.Error != nil:
		return ack.Error
	case err != nil, ack.Stream == "":
		return errNoStreamAnswer
	}
	return nil
}

// fault returns the error of the sink for one of the connection or the stream.
func (s *Sink) fault(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return sinkfault.Ended(ctx, s.name())
	}
	f := natsconfig.Fault(s.name(), err, "permit the user to publish to the subject, and to subscribe to its inbox",
		"check that the servers run and can be reached")
	answer, isAnswer := errors.AsType[*streamError](err)
	switch {
	case isAnswer:
		f.Permanent, f.HintText = answer.Code < 500, "check the stream and its limits"
	case errors.Is(err, errNoStream), errors.Is(err, errNoStreamAnswer):
		f.HintText = "create a stream with the subject, and check that JetStream is enabled"
	case errors.Is(err, errUnacknowledged):
		f.Reason += " within " + s.timeout().String()
		f.HintText = "check that a majority of the servers runs, or raise Timeout"
	}
	return f
}
