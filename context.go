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

// ContextWithTenant returns a context for calls in a tenant. The id of a tenant is a UUID on
// fusion. An empty id means no tenant, even if the client has one; on fusion it means the tenant of
// the credentials.
func ContextWithTenant(ctx context.Context, id string) context.Context {
	return with(ctx, func(s *callSettings) {
		id := setting.Text(id)
		if s.tenant = &id; setting.TenantFault(id) != "" {
			s.reject("the tenant of ContextWithTenant: "+setting.TenantFault(id), nil)
		}
	})
}

// ContextWithEnvironment returns a context for calls to an environment, named as in
// [WithEnvironment], with a token of that environment. The client logs in there like a second
// client with the same options and that name: it uses the variables that the configuration file
// names for that environment, and the base URL if one is set. For an unknown name, calls return the
// error of [New]. An empty name means the client's own environment.
func ContextWithEnvironment(ctx context.Context, name string) context.Context {
	return with(ctx, func(s *callSettings) { s.environment = target{name: setting.Text(name)} })
}

// ContextWithCustomEnvironment returns a context for calls to a custom environment, which needs no
// [WithEnvironments]; see [ContextWithEnvironment] and [core.NewEnvironment]. If its base URLs
// cannot be used, calls return a [*core.BaseURLError].
func ContextWithCustomEnvironment(ctx context.Context, environment core.Environment) context.Context {
	return with(ctx, func(s *callSettings) { s.environment = target{custom: &environment} })
}

// ContextWithSelection returns a context for calls that select these fields of their results
// instead of all, for example "alerts { list { id } }", with or without outer braces. If the result
// of an operation is a plain value, without fields, the call returns a [*core.ArgumentError]. A
// server that lacks one of the fields rejects the call, because only default selections are
// adapted. An empty selection means the default.
func ContextWithSelection(ctx context.Context, selection string) context.Context {
	return with(ctx, func(s *callSettings) {
		if s.selection = ""; selection == "" {
			return
		}
		var err error
		if s.selection, err = transport.ParseSelection(selection); err != nil {
			s.reject("the selection of ContextWithSelection", err)
		}
	})
}

// ContextWithRequiredFields returns a context for calls that return a [*core.SchemaError] if the
// server lacks one of these fields of the result. Otherwise a field that the server lacks is
// omitted and stays empty in Go, which is easily misread for a field like "enabled". A field is
// given by its name, which means every field of that name, or by a path of names that ends with it:
//
//	ctx = taegis.ContextWithRequiredFields(ctx, "suppressed", "list.metadata.severity")
//
// The type of a union's member may be omitted from a path. A call that does not select a field of
// that name is not sent and returns a [*core.ArgumentError]. The fields replace those of parent
// contexts, but not those that a pager requires; calling it without fields requires none. A
// mutation that fails with a SchemaError was not executed.
func ContextWithRequiredFields(ctx context.Context, fields ...string) context.Context {
	return with(ctx, func(s *callSettings) { s.required = slices.Clone(fields) })
}

// ContextWithHeader returns a context for calls with a header, in addition to those of parent
// contexts. It replaces a header of the same name; an empty value removes it. Headers of the
// protocol, for example Authorization, X-Tenant-Context and X-Tenant-ID, are ignored.
func ContextWithHeader(ctx context.Context, name, value string) context.Context {
	return with(ctx, func(s *callSettings) {
		if name == "" || strings.ContainsFunc(name, notInName) || strings.ContainsFunc(value, notInValue) {
			s.reject(fmt.Sprintf("the header %q of ContextWithHeader contains characters that a header must not contain", name), nil)
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

// notInName reports whether the name of a header must not contain r (RFC 9110, section 5.6.2).
func notInName(r rune) bool {
	return r <= ' ' || r > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
}

// notInValue reports whether the value of a header must not contain r.
func notInValue(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// ContextWithAccessToken returns a context for calls with this access token instead of one from the
// chain. White space and quotes around the token are ignored. The token is neither stored nor
// refreshed: if the server rejects it, calls return an error that wraps [core.ErrUnauthorized]. The
// token is valid for the environment of ctx: a call to an environment with another authentication
// host is not sent and returns a [*core.LoginError]. The zero Secret selects the chain.
func ContextWithAccessToken(ctx context.Context, token core.Secret) context.Context {
	return with(ctx, func(s *callSettings) {
		access, _ := setting.Token(token.Reveal())
		if !setting.Sendable(access) {
			s.reject("the access token of ContextWithAccessToken contains characters that a header must not contain", nil)
			return
		}
		s.token, s.tokenFor = core.NewSecret(access), s.environment
	})
}

// ContextWithRequestTimeout returns a context with a time limit for each attempt of each request,
// instead of [WithTimeout]; zero disables it. The deadline of the context limits a call as a whole.
func ContextWithRequestTimeout(ctx context.Context, d time.Duration) context.Context {
	return with(ctx, func(s *callSettings) {
		if s.timeout = &d; d < 0 {
			s.reject("the timeout of ContextWithRequestTimeout is negative", nil)
		}
	})
}

// ContextWithTraceID returns a context for calls that join the trace of an earlier call, given by
// the RequestID of its answer, so that support can find them together. An empty id means no trace.
func ContextWithTraceID(ctx context.Context, requestID string) context.Context {
	return with(ctx, func(s *callSettings) {
		if strings.ContainsFunc(requestID, notInValue) {
			s.reject("the request id of ContextWithTraceID contains characters that a header must not contain", nil)
			return
		}
		if s.trace = nil; requestID != "" {
			s.trace = &trace{}
			s.trace.id.Store(&requestID)
		}
	})
}

// ContextWithTrace returns a context for calls that share one trace: that of the first call that
// receives an answer. Calls that start before that answer do not wait for it and have no trace.
func ContextWithTrace(ctx context.Context) context.Context {
	return with(ctx, func(s *callSettings) { s.trace = &trace{} })
}

// ContextWithResponses returns a context that calls observe for every answer to its calls,
// including those that are retried, before the data is read. Calls in several goroutines may call
// observe at the same time. The observers of parent contexts are called, too.
func ContextWithResponses(ctx context.Context, observe func(core.Response)) context.Context {
	return with(ctx, func(s *callSettings) { s.onResponse = both(observe, s.onResponse) })
}

// ContextWithAdaptations returns a context that calls observe for each call that was adapted to a
// server with another version of the schema; see [core.Adaptation]. Calls in several goroutines may
// call observe at the same time. The observers of parent contexts are called, too.
func ContextWithAdaptations(ctx context.Context, observe func(core.Adaptation)) context.Context {
	return with(ctx, func(s *callSettings) { s.onAdapt = both(observe, s.onAdapt) })
}

// ContextWithDuplicateFinder returns a context for a call of a mutation that fusion often refuses
// for a reason that passes: createCase or addEvidenceToCase. Before the client repeats it, find
// looks for the effect of the earlier tries and returns the result that the mutation would have,
// for example the case with the new title, or nil if there is none. Its context has no selection,
// required fields or finder of ctx. If it returns an error, the call ends with it. Without a finder
// such a call returns a [*core.RepeatableError]; see [core.Request], FindDuplicate. Nil removes the
// finder.
func ContextWithDuplicateFinder(ctx context.Context, find func(context.Context) (any, error)) context.Context {
	return with(ctx, func(s *callSettings) { s.duplicate = find })
}
