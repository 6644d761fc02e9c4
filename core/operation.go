package core

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"time"
)

// OperationKind is the kind of a GraphQL operation.
type OperationKind string

// The three kinds of operations.
const (
	KindQuery        OperationKind = "query"
	KindMutation     OperationKind = "mutation"
	KindSubscription OperationKind = "subscription"
)

// KindGet is a GET request of a REST interface, for example of fusion's identity service: Gateway
// is its path, the arguments are its query parameters, and the result is all of the answer. It
// carries no tenant.
const KindGet OperationKind = "get"

// KindPost is like [KindGet] for a POST request without a body, for example for the address of an
// upload. It carries the tenant. It may be repeated unless it is marked as NonIdempotent.
const KindPost OperationKind = "post"

// REST reports whether the kind is that of a REST interface and not of GraphQL: [KindGet] or
// [KindPost].
func (k OperationKind) REST() bool { return k == KindGet || k == KindPost }

// Host selects one of an environment's base URLs.
type Host string

// The hosts that services use.
const (
	HostAPI     Host = ""        // [Environment.APIURL]
	HostTenants Host = "tenants" // [Environment.TenantsURL]
)

// DefaultGateway is the path below the base URL of most services.
const DefaultGateway = "/graphql"

// Operation describes a GraphQL operation: the part that is the same for each call. Generated
// services have one for each of their operations. An Operation must not be changed once it is used.
type Operation struct {
	// Service is the name of the service on the wire, for example "alerts_history"; empty for a
	// document of the caller.
	Service string
	// Name is the root field and the operation name, for example "createClient".
	Name string
	// Field is the root field if it differs from Name, which is then its alias; empty otherwise.
	Field string
	// Alternative names another operation of the service that has the same arguments and result. A
	// client uses its field in place of Name if the server's schema lacks Name.
	Alternative string
	Kind        OperationKind
	// NonIdempotent marks a query that changes the server's state, for example a poll that moves a
	// search on to its next part. Like a mutation it is repeated only if it was not executed.
	NonIdempotent bool
	// Platform is the platform that has the operation. A request with the operation of a service is
	// sent to an environment of that platform only; see [Request.CheckPlatform].
	Platform Platform
	// Gateway is the path below the base URL; empty means [DefaultGateway].
	Gateway string
	Host    Host
	// Arguments are the root field's arguments in the order of the schema.
	Arguments []Argument
	// RequiredInputs are what has to be set within the arguments. Only the operations of fusion
	// have them, because the schemas of Taegis do not contain it.
	RequiredInputs []RequiredInput
	// Selection is the default selection of the result with its braces, on one line, for example
	// "{ id name }"; empty for a scalar result. Transports write it as the second line of the
	// document, so that locations in a server's errors can be mapped back to it.
	Selection string
	// DeprecatedAliases are the selected fields that also have a deprecated name in the schema. An
	// older server may have the deprecated name only.
	DeprecatedAliases []DeprecatedAlias
	// Deprecated is the reason of a deprecated operation, which names its replacement; empty for
	// all others.
	Deprecated string
}

// Idempotent reports whether the operation may be repeated even if it may have been executed: it is
// a query or a request of a REST interface, and not marked as NonIdempotent. A document of unknown
// kind is not idempotent.
func (op *Operation) Idempotent() bool {
	return (op.Kind == KindQuery || op.Kind.REST()) && !op.NonIdempotent
}

// DeprecatedAlias is a field of a type and its deprecated name.
type DeprecatedAlias struct{ Type, Field, Deprecated string }

// Argument is one argument of an operation.
type Argument struct {
	Name string
	// Type is the argument's type in GraphQL syntax, for example "[String!]!".
	Type string
	// Settled is the server's type as public clients declare it, for example "ID!", if Type stands
	// for several scalars. The variable is declared with it. Empty if Type is certain, or if the
	// server's type is not known.
	Settled string
	// Inline marks an argument of a scalar type that is not known for certain. It is written into
	// the document as a literal, which needs no type name.
	Inline bool
}

// Declared returns the type that a document declares the argument's variable with.
func (a Argument) Declared() string { return cmp.Or(a.Settled, a.Type) }

// RequiredInput is an argument or an input field that has to be set if the input that has it is
// set.
type RequiredInput struct {
	// Path are the names that lead to it, with dots between them, for example
	// "input.newCase.title". The elements of a list have the path of the list.
	Path string
	// Text is set if it is a text that must not be empty.
	Text bool
}

// Request is one call of an operation.
type Request struct {
	// Operation is never nil.
	Operation *Operation
	// Args encodes to a JSON object of the operation's arguments, or of Document's variables.
	// An absent member is an absent argument. Nil means none.
	Args any
	// Selection replaces the operation's own, with its braces.
	Selection string
	// Document is a whole GraphQL document, which is sent unchanged. If it is set, the operation's
	// Arguments and Selection are ignored and the result is all of `data`.
	Document string
	// Required are fields of the result that must not be omitted. If the server's schema lacks one,
	// the call returns a [*SchemaError]. A field is given by its name, which means
	// every field of that name, or by a path of names that ends with it, for example
	// "list.severity". The client returns an [*ArgumentError] for one that is not selected.
	Required []string

	// Environment is the environment to send to; the client fills it in.
	Environment Environment
	// Tenant is the tenant's id, sent in the header of the platform, [Platform.TenantHeader]. Empty
	// means none; on fusion the session then fills in the tenant of the credentials.
	Tenant string
	// Header holds additional headers. Those of the protocol cannot be replaced.
	Header http.Header
	// Token is the access token; the session fills it in.
	Token Secret
	// Timeout is the time limit of one attempt; zero disables it. It does not apply to
	// subscriptions.
	Timeout time.Duration
	// OnResponse, if not nil, is called for the answer to each attempt, before its data is read.
	OnResponse func(Response) `json:"-"`
	// FindDuplicate, if not nil, looks for the effect of an earlier try of a mutation that the
	// server refused for a reason that passes, and returns the result that the mutation would have,
	// or nil if there is none. Only with it is such a mutation repeated; see [RepeatableError].
	FindDuplicate func(context.Context) (any, error) `json:"-"`
	// OnAdapt, if not nil, is called before the call returns if the operation was adapted to the
	// server's schema.
	OnAdapt func(Adaptation) `json:"-"`
}

// Clone returns a copy of r with a copy of its Header.
func (r *Request) Clone() *Request {
	c := *r
	c.Header = maps.Clone(r.Header)
	return &c
}

// URL returns the URL of the request's gateway.
func (r *Request) URL() string {
	gateway := r.Operation.Gateway
	if gateway == "" {
		gateway = DefaultGateway
	}
	return r.Environment.BaseURL(r.Operation.Host) + gateway
}
