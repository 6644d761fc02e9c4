package nats

import (
	"errors"
	"io/fs"
	"net"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/natswire"
	"github.com/taegis-go/taegis/internal/tlserror"
)

// fault returns the error of the store for one of the connection or the bucket.
func (s *Store) fault(err error) *core.SinkError {
	f := &core.SinkError{Sink: s.name(), Reason: err.Error(), HintText: "check that a majority of the servers runs and can be reached", Err: err}
	answer, isAnswer := errors.AsType[*apiError](err)
	server, isServer := errors.AsType[*natswire.ServerError](err)
	refused, isTLS := errors.AsType[*core.TLSError](tlserror.Explain("the server", err))
	host, isHost := errors.AsType[*net.DNSError](err)
	missing, isMissing := errors.AsType[*fs.PathError](err)
	switch {
	case isAnswer:
		f.Permanent, f.HintText = answer.Code < 500, "check the bucket and its limits"
	case errors.Is(err, natswire.ErrTooLarge):
		f.Permanent, f.HintText = true, "permit messages of 1 MB on the servers"
	case isServer && server.Rejected:
		f.Permanent, f.HintText = true, "check the credentials"
	case isServer && server.Forbidden:
		f.Permanent, f.HintText = true, "permit the user to use the bucket, the API of JetStream and its inbox"
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
	case errors.Is(err, errNoBucket):
		f.HintText = "check that JetStream is enabled, and that a majority of the servers runs"
	}
	return f
}
