// Package drift lets calls work where a server runs another version of the schema than the one
// the operation was written for.
//
// A server that does not know a field, a type or an argument refuses the whole document before
// it executes anything. [Middleware] then repairs the operation: from what the server says, and
// where that is not enough from the server's schema, if it shows that. Fields that the server
// lacks are asked for by their deprecated name or cut, arguments are declared with the server's
// types. What worked is remembered, in memory and on disk, so that the next calls pay nothing; a
// call on a schema that has not drifted never does. It is trusted for minutes at first, because one
// old server among many may have answered, and for longer each time that the operation as it was
// written is refused again.
//
// Only what the SDK wrote itself is repaired: the selection and the types of arguments of an
// operation. What the caller chose is not: an argument or enum value that the server lacks gives a
// [*core.SchemaError], a selection or document of the caller's own the server's own error. A field
// that the caller requires ([core.Request], Required) is not left out: that is a
// [*core.SchemaError] too.
package drift
