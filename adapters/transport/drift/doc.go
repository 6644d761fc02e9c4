// Package drift adapts operations to a server that has another version of the schema than the SDK.
//
// A server that lacks a field, a type or an argument rejects the whole document before it executes
// anything. [Middleware] then adapts the operation: first by the validation errors of the response,
// and if they are not enough, by the server's schema, if introspection is enabled. A field that the
// server lacks is selected by its deprecated alias or omitted, and arguments are declared with the
// server's types. An adaptation that worked is stored in memory and on disk, so that further calls
// need no additional request. If the schema has not drifted, no call needs one. An adaptation is
// used for minutes at first, because the rejection may come from one old server among many. Each
// further rejection of the original operation extends that time.
//
// The middleware changes only what the SDK generated: the selection and the types of arguments. It
// does not change the caller's choices. An argument or enum value that the server lacks returns a
// [*core.SchemaError]. If the caller provided the selection or the document, the server's error is
// returned. A missing field that the caller requires ([core.Request], Required) returns a
// [*core.SchemaError] too.
package drift
