package core

import (
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

// Host says on which of an environment's base URLs a service lives.
type Host string

// The bases that services use.
const (
	HostAPI     Host = ""
	HostTenants Host = "tenants"
)

// DefaultGateway is the path below the base URL at which most services answer.
const DefaultGateway = "/graphql"

// Operation describes a GraphQL operation: all of it that stays the same from call to call.
// Generated services keep one for each of theirs; values are read only.
type Operation struct {
	// Service is the wire name of the service, such as "alerts_history"; empty for a document
	// of the caller's own.
	Service string
	// Name is the root field and the operation name, such as "createClient".
	Name string
	Kind OperationKind
	// Gateway is the path below the base URL; empty means [DefaultGateway].
	Gateway string
	Host    Host
	// Arguments are the root field's arguments in the order of the schema.
	Arguments []Argument
	// Selection is the default selection of the result with its braces, on one line, such as
	// "{ id name }"; empty for a scalar result. Transports write it as the second line of the
	// document, so that the locations of a server's errors lead back into it.
	Selection string
	// DeprecatedAliases are the selected fields that the schema has under a deprecated name as well, which an
	// older server may know alone.
	DeprecatedAliases []DeprecatedAlias
	// Deprecated says what replaces a deprecated operation; empty for all others.
	Deprecated string
}

// DeprecatedAlias is a field and the deprecated field of the same type that means the same.
type DeprecatedAlias struct{ Type, Field, Deprecated string }

// Argument is one argument of an operation.
type Argument struct {
	Name string
	// Type is the argument's type as GraphQL writes it, such as "[String!]!".
	Type string
	// Inline marks an argument whose scalar type the schema does not settle: it is written
	// into the document as a literal, which is right whatever the server calls its type.
	Inline bool
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
	// Document is a whole GraphQL document, sent as it is. Where it is set, the operation's
	// Arguments and Selection play no part and the result is all of `data`.
	Document string
	// Required are fields of the result that must not be left out for a server whose schema lacks
	// them: the call returns a [*SchemaError] instead. A field is given by its name, which means
	// every field of that name, or by a path of names that ends with it, for example
	// "list.severity". The client returns an [*ArgumentError] for one that is not selected.
	Required []string

	// Environment says where to; the client fills it in.
	Environment Environment
	// Tenant goes into X-Tenant-Context where it is set.
	Tenant string
	// Header holds further headers; it cannot replace those of the protocol.
	Header http.Header
	// Token is the access token; the session fills it in.
	Token Secret
	// Timeout bounds one attempt; zero means no bound. It does not bind subscriptions.
	Timeout time.Duration
	// OnResponse is told of every answer, of each try, before its data is read; nil for nobody.
	OnResponse func(Response) `json:"-"`
	// OnAdapt is called before the call returns where the operation was changed for a server
	// whose schema differs; nil means that nobody wants to know.
	OnAdapt func(Adaptation) `json:"-"`
}

// Clone returns a copy whose Header can be changed without touching r's.
func (r *Request) Clone() *Request {
	c := *r
	c.Header = maps.Clone(r.Header)
	return &c
}

// URL returns the address of the request's gateway.
func (r *Request) URL() string {
	gateway := r.Operation.Gateway
	if gateway == "" {
		gateway = DefaultGateway
	}
	return r.Environment.BaseURL(r.Operation.Host) + gateway
}
