package taegis

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/setting"
)

// ContextWithTenant returns a context whose calls are made in the context of a tenant. An empty
// id makes them without one, also where the client has one.
func ContextWithTenant(ctx context.Context, id string) context.Context {
	return with(ctx, func(s *callSettings) {
		id := setting.Text(id)
		if s.tenant = &id; setting.TenantFault(id) != "" {
			s.reject("the tenant of ContextWithTenant: "+setting.TenantFault(id), nil)
		}
	})
}

// ContextWithEnvironment returns a context whose calls go to an environment, named as in
// [WithEnvironment], with a token of that environment. The client logs in there as a client that
// [New] makes with its options and that name would: with the variables that the configuration
// file names for it, at the base URL where one is set. A name that New refuses is refused with the
// same error. An empty name means the client's own environment.
func ContextWithEnvironment(ctx context.Context, name string) context.Context {
	return with(ctx, func(s *callSettings) { s.environment = target{name: setting.Text(name)} })
}

// ContextWithCustomEnvironment returns a context whose calls go to an environment of the user's
// own; see [ContextWithEnvironment] and [core.NewEnvironment]. One whose base URLs cannot be used
// gives a [*core.BaseURLError].
func ContextWithCustomEnvironment(ctx context.Context, environment core.Environment) context.Context {
	return with(ctx, func(s *callSettings) { s.environment = target{custom: &environment} })
}

// ContextWithSelection returns a context whose calls select these fields of their results in place of
// all: "alerts { list { id } }", with or without braces around it. An operation with a plain value
// for a result has no fields, so there it is an error. A server that does not know a field refuses
// the call: only the operations' own selections are repaired. An empty one means those again.
func ContextWithSelection(ctx context.Context, selection string) context.Context {
	return with(ctx, func(s *callSettings) {
		if s.selection = ""; selection == "" {
			return
		}
		var err error
		if s.selection, err = transport.ParseSelection(selection); err != nil {
			s.reject("the selection of ContextWithOutput", err)
		}
	})
}

// ContextWithRequiredFields returns a context whose calls return a [*core.SchemaError] if the server
// lacks one of these fields of the result. Without it, a field that the server does not have is left
// out and stays empty in Go, which for a field such as "enabled" looks like a decision. A field is
// given by its name, which means every field of that name, or by a path of names that ends with it:
//
//	ctx = taegis.ContextWithRequiredFields(ctx, "suppressed", "list.metadata.severity")
//
// The type of a union's member may be left out of a path. A call that does not select a field of
// that name is not sent and returns a [*core.ArgumentError]. The fields replace those of the
// contexts around it, and none means that nothing is required. A mutation that is refused for this
// was not executed.
func ContextWithRequiredFields(ctx context.Context, fields ...string) context.Context {
	return with(ctx, func(s *callSettings) { s.required = slices.Clone(fields) })
}

// ContextWithHeader returns a context whose calls carry a header, beside those of the contexts
// around it; one of the same name is replaced, and taken away by an empty value. The headers of
// the protocol, such as Authorization and X-Tenant-Context, cannot be set and are left alone.
func ContextWithHeader(ctx context.Context, name, value string) context.Context {
	return with(ctx, func(s *callSettings) {
		if name == "" || strings.ContainsFunc(name, notInName) || strings.ContainsFunc(value, notInValue) {
			s.reject(fmt.Sprintf("the header %q of ContextWithHeader holds what no header can hold", name), nil)
			return
		}
		header := maps.Clone(s.header)
		if header == nil {
			header = http.Header{}
		}
		if header.Del(name); value != "" {
			header.Set(name, value)
		}
		s.header = header
	})
}

// notInName reports what the name of a header cannot hold (RFC 9110, section 5.6.2).
func notInName(r rune) bool {
	return r <= ' ' || r > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
}

// notInValue reports what the value of a header cannot hold.
func notInValue(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// ContextWithAccessToken returns a context whose calls carry this access token, without the chain and
// without what copying leaves around it. It is never stored, and not refreshed: where the server rejects it, the error
// wraps [core.ErrUnauthorized]. It belongs to the environment of ctx: a call whose environment
// logs in at another host is not sent and gives a [*core.LoginError]. The zero Secret means the
// chain again.
func ContextWithAccessToken(ctx context.Context, token core.Secret) context.Context {
	return with(ctx, func(s *callSettings) {
		access, _ := setting.Token(token.Reveal())
		if !setting.Sendable(access) {
			s.reject("the access token of ContextWithAccessToken holds what no header can hold", nil)
			return
		}
		s.token, s.tokenFor = core.NewSecret(access), s.environment
	})
}

// ContextWithRequestTimeout returns a context that bounds each of its requests, every try by
// itself, in place of [WithTimeout]; zero removes that bound. The context's own deadline, which
// bounds a call as a whole, is something else.
func ContextWithRequestTimeout(ctx context.Context, d time.Duration) context.Context {
	return with(ctx, func(s *callSettings) {
		if s.timeout = &d; d < 0 {
			s.reject("the timeout of ContextWithRequestTimeout is negative", nil)
		}
	})
}

// ContextWithTraceID returns a context whose calls are linked to an earlier one by the id of its
// answer, so that support finds them together. An empty id means no link.
func ContextWithTraceID(ctx context.Context, requestID string) context.Context {
	return with(ctx, func(s *callSettings) {
		if strings.ContainsFunc(requestID, notInValue) {
			s.reject("the request id of ContextWithLink holds what no header can hold", nil)
			return
		}
		if s.trace = nil; requestID != "" {
			s.trace = &trace{}
			s.trace.id.Store(&requestID)
		}
	})
}

// ContextWithTrace returns a context whose calls are linked to the first of them that is answered.
// Those that start before there is an answer wait for nothing and go without a link.
func ContextWithTrace(ctx context.Context) context.Context {
	return with(ctx, func(s *callSettings) { s.trace = &trace{} })
}

// ContextWithResponses returns a context that tells observe of every answer to its calls, also of
// those that are followed by another try, before the data is read. Several calls may tell it at
// once. The observers of the contexts around it are told as well.
func ContextWithResponses(ctx context.Context, observe func(core.Response)) context.Context {
	return with(ctx, func(s *callSettings) { s.onResponse = both(observe, s.onResponse) })
}

// ContextWithAdaptations returns a context that tells observe where a call was changed for a server that
// runs another version of the schema; see [core.Adaptation]. Several calls may tell it at once. The
// observers of the contexts around it are told as well.
func ContextWithAdaptations(ctx context.Context, observe func(core.Adaptation)) context.Context {
	return with(ctx, func(s *callSettings) { s.onAdapt = both(observe, s.onAdapt) })
}
