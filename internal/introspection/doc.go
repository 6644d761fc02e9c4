// Package introspection learns a gateway's schema from the gateway itself. Every user's program
// links it, so it uses the syntax tree of gqlparser and neither its parser nor its validator.
package introspection
