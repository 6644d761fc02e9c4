package nats

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/natswire"
	"github.com/taegis-go/taegis/internal/sinkfault"
	"github.com/taegis-go/taegis/internal/tlserror"
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
	config := natswire.Config{
		Name: "taegis export", TLS: s.tls, Timeout: s.timeout(),
		User: s.User, Password: s.Password.Reveal(), Token: s.Token.Reveal(), Credentials: s.Credentials,
	}
	for server := range strings.SplitSeq(s.URL, ",") {
		config.Servers = append(config.Servers, strings.TrimSpace(server))
	}
	link, err := natswire.Connect(ctx, config)
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
	f := &core.SinkError{Sink: s.name(), Reason: err.Error(), HintText: "check that the servers run and can be reached", Err: err}
	answer, isAnswer := errors.AsType[*streamError](err)
	server, isServer := errors.AsType[*natswire.ServerError](err)
	refused, isTLS := errors.AsType[*core.TLSError](tlserror.Explain("the server", err))
	host, isHost := errors.AsType[*net.DNSError](err)
	missing, isMissing := errors.AsType[*fs.PathError](err)
	switch {
	case ctx.Err() != nil:
		return sinkfault.Ended(ctx, s.name())
	case isAnswer:
		f.Permanent, f.HintText = answer.Code < 500, "check the stream and its limits"
	case isServer && server.Rejected:
		f.Permanent, f.HintText = true, "check the credentials"
	case isServer && server.Forbidden:
		f.Permanent, f.HintText = true, "permit the user to publish to the subject, and to subscribe to its inbox"
	case isServer:
		f.HintText = "check the server and its limits"
	case isMissing:
		f.Reason, f.Permanent, f.HintText = missing.Path+": "+missing.Err.Error(), true, "set Credentials to a file that can be read"
	case errors.Is(err, natswire.ErrCredentials):
		f.Permanent, f.HintText = true, "set Credentials to a file with a token and a seed, as nsc writes it"
	case isTLS:
		f.Reason, f.Permanent = refused.Reason, true
		f.HintText = "check URL; if the authority of the certificate is private, set CABundle to its certificate"
	case errors.Is(err, natswire.ErrNoTLS), errors.Is(err, natswire.ErrProtocol):
		f.Permanent, f.HintText = true, "check URL"
	case isHost:
		f.Reason, f.HintText = "its host "+host.Name+" was not found", "check URL and the network"
	case errors.Is(err, errNoStream), errors.Is(err, errNoStreamAnswer):
		f.HintText = "create a stream with the subject, and check that JetStream is enabled"
	case errors.Is(err, errUnacknowledged):
		f.Reason += " within " + s.timeout().String()
		f.HintText = "check that a majority of the servers runs, or raise Timeout"
	}
	return f
}
