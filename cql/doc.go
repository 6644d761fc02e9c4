// Package cql builds, parses and checks text of the Taegis query language, which detections,
// events, cases and other services take as their query. See docs/protocol.md#query-language.
//
// [From] begins a query whose values cannot break out of their literals. [Parse] returns the syntax
// tree of a text, [Lint] finds what a server would reject, ignore or read in another way than its
// author, and [Query.Split] cuts a long window into shorter ones. The package sends nothing.
package cql
