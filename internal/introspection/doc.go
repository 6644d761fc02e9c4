// Package introspection fetches a gateway's schema by introspection. Every user's program links it,
// so it uses the syntax tree of gqlparser but neither its parser nor its validator.
package introspection
