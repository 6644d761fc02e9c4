package plugins

import (
	"cmp"
	"context"
	"errors"
	"net"
	"os"
	"syscall"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/tlserror"
	"github.com/taegis-go/taegis/plugins/internal/contract"
)

// encodeCause says why a request got no answer, nil if that is not known.
func encodeCause(c *core.ConnectionError) *contract.Cause {
	if c.Err == nil {
		return nil
	}
	err := tlserror.Explain(c.Host, c.Err)
	m := &contract.Cause{Reason: err.Error(), Hint: core.Hint(err), Sent: c.Sent}
	proxy, isProxy := errors.AsType[*core.ProxyError](err)
	certificate, isCertificate := errors.AsType[*core.TLSError](err)
	unknown, isDNS := errors.AsType[*net.DNSError](err)
	timeout, _ := errors.AsType[net.Error](err)
	switch {
	case isProxy:
		m.Kind, m.Reason = contract.Cause_KIND_PROXY, proxy.Reason
		m.ProxyVariable, m.ProxyAddress, m.ProxyStatus = proxy.Variable, proxy.Address, int32(proxy.Status)
	case isCertificate:
		m.Kind, m.Reason = contract.Cause_KIND_CERTIFICATE, certificate.Reason
	case isDNS:
		m.Kind, m.Reason = contract.Cause_KIND_DNS, unknown.Error()
	case isRefused(err):
		m.Kind, m.Reason = contract.Cause_KIND_REFUSED, innermost(err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), timeout != nil && timeout.Timeout():
		m.Kind, m.Reason = contract.Cause_KIND_TIMEOUT, innermost(err)
	default:
		m.Reason = innermost(err)
	}
	for _, text := range []*string{&m.Reason, &m.Hint, &m.ProxyVariable, &m.ProxyAddress} {
		*text = valid(*text)
	}
	return m
}

// wsaRefused is ECONNREFUSED as sockets of Windows have it.
const wsaRefused syscall.Errno = 10061

func isRefused(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, wsaRefused)
}

// innermost returns the text of what the system said, without the request that net/http puts before
// it.
func innermost(err error) string {
	if operation, ok := errors.AsType[*net.OpError](err); ok {
		return operation.Error()
	}
	return err.Error()
}

// decodeCause is the inverse: the error that an authenticator in process would wrap. The words are
// made fit to be shown.
func decodeCause(host string, m *contract.Cause, fit func(string) string) error {
	reason, hint := cmp.Or(fit(m.GetReason()), errNoAnswer.Error()), fit(m.GetHint())
	switch said := errors.New(reason); m.GetKind() {
	case contract.Cause_KIND_PROXY:
		return &core.ProxyError{
			Variable: fit(m.GetProxyVariable()), Address: fit(m.GetProxyAddress()), Status: int(m.GetProxyStatus()),
			Reason: reason, HintText: cmp.Or(hint, "check the proxy"),
		}
	case contract.Cause_KIND_CERTIFICATE:
		return &core.TLSError{Host: host, Reason: reason, HintText: cmp.Or(hint, "check the address and the proxy"), Err: said}
	case contract.Cause_KIND_DNS:
		return &told{reason, &net.DNSError{Err: reason, Name: host}}
	case contract.Cause_KIND_REFUSED:
		return &told{reason, syscall.ECONNREFUSED}
	case contract.Cause_KIND_TIMEOUT:
		return &told{reason, os.ErrDeadlineExceeded}
	default:
		return said
	}
}

// told is an error in the words of the plugin that is one of the system.
type told struct {
	reason string
	is     error
}

func (e *told) Error() string { return e.reason }

func (e *told) Unwrap() error { return e.is }
