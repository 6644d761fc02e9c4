package natsconfig

import (
	"errors"
	"io/fs"
	"net"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/natswire"
	"github.com/taegis-go/taegis/internal/tlserror"
)

// Fault returns the error of an adapter for one of its connection. permission is the hint if the server
// forbids what the adapter does, and other the hint if nothing is known.
func Fault(name string, err error, permission, other string) *core.SinkError {
	f := &core.SinkError{Sink: name, Reason: err.Error(), HintText: other, Err: err}
	server, isServer := errors.AsType[*natswire.ServerError](err)
	refused, isTLS := errors.AsType[*core.TLSError](tlserror.Explain("the server", err))
	host, isHost := errors.AsType[*net.DNSError](err)
	missing, isMissing := errors.AsType[*fs.PathError](err)
	switch {
	case isServer && server.Rejected:
		f.Permanent, f.HintText = true, "check the credentials"
	case isServer && server.Forbidden:
		f.Permanent, f.HintText = true, permission
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
	}
	return f
}
