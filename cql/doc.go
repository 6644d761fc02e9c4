// Package cql builds, parses and lints queries in the query language of Taegis, which detections,
// events, cases and other services search by. See docs/protocol.md#query-language.
//
//	query, err := cql.From("alert").Where(cql.GTE("severity", 0.6), cql.Eq("status", status)).Text()
//
// Values that [From] and [Where] quote cannot change the structure of the query. [Parse] returns
// the syntax tree of a query, [Lint] finds what a server would reject, ignore or interpret
// differently than the author, and [Query.Split] divides a long window into shorter ones. The
// package sends nothing.
package cql
