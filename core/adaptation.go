package core

import "strings"

// Adaptation describes how an operation was changed for a server that runs another version of the
// schema.
type Adaptation struct {
	// Operation is the operation's name, and Host the API host with a different schema.
	Operation, Host string
	// Omitted are the paths of result fields that the server does not have, for example
	// "createClient.client.roles", and of union members that its schema lacks, for example
	// "search.results.Host". These fields stay empty in Go; see [Request], Required, for fields
	// that must not.
	Omitted []string
	// Renamed are the paths that the server has under another name, with that name, for example
	// "createClient.clientSecret: client_secret". These fields are filled.
	Renamed []string
	// Retyped are the arguments that the server declares with another type, for example "id: ID!".
	// An argument with a value that is written into the document reads "id: literal".
	Retyped []string
}

// SchemaError is returned if the server's schema lacks something that a call requires. The
// operation was not executed.
type SchemaError struct {
	Operation string // the operation's name
	Host      string // the API host with that schema
	// Argument is the path of the argument that the schema lacks, or of a field within one, for
	// example "input.sortBy". It is empty if the operation or its result is at fault.
	Argument string
	// Omitted are the paths of result fields that the server does not have, if they are the reason:
	// fields that the call requires, or all that it selects.
	Omitted []string
	// NoOperation is set if the server does not have the operation.
	NoOperation bool
	Reason      string
	HintText    string // see [SchemaError.Hint]
	Err         error  // the server's answer
}

// Error returns the operation, the argument, the reason and the hint, without the server's answer.
func (e *SchemaError) Error() string {
	parts := []string{e.Operation}
	if e.Argument != "" {
		parts = append(parts, "argument "+e.Argument)
	}
	return sentence(strings.Join(append(parts, e.Reason), ": "), e.HintText)
}

// Hint returns what the user can do about it.
func (e *SchemaError) Hint() string { return e.HintText }

// Unwrap returns the server's answer.
func (e *SchemaError) Unwrap() error { return e.Err }
