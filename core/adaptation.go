package core

import "strings"

// Adaptation says how an operation was changed for a server that runs another version of the schema.
type Adaptation struct {
	// Operation is the operation's name, and Host the API host whose schema differs.
	Operation, Host string
	// Omitted are the paths of the result that the server does not have, such as
	// "createClient.client.roles", and of the unions' members that it does not know, such as
	// "search.results.Host". Their fields stay empty in Go; see [Request], Required, for fields
	// that must not.
	Omitted []string
	// Renamed are the paths that the server has under another name, with that name, such as
	// "createClient.clientSecret: client_secret". Their fields are filled as ever.
	Renamed []string
	// Retyped are the arguments that the server declares with another type, such as "id: ID!".
	Retyped []string
}

// SchemaError is returned where the server's schema lacks something that a call cannot do
// without. The operation was not executed.
type SchemaError struct {
	Operation string // the operation's name
	Host      string // the API host whose schema it is
	// Argument is what the server does not know of the arguments: the path of an argument or of
	// a field within one, such as "input.sortBy". Empty where the operation or its result is
	// meant.
	Argument string
	// Omitted are the paths of the result that the server does not have, if these are the reason: what
	// the call requires, or all that it asks for.
	Omitted  []string
	Reason   string
	HintText string
	Err      error // what the server answered
}

// Error says what is missing where, and what to do. What the server answered is not repeated.
func (e *SchemaError) Error() string {
	parts := []string{e.Operation}
	if e.Argument != "" {
		parts = append(parts, "argument "+e.Argument)
	}
	return sentence(strings.Join(append(parts, e.Reason), ": "), e.HintText)
}

func (e *SchemaError) Hint() string { return e.HintText }

// Unwrap returns what the server answered.
func (e *SchemaError) Unwrap() error { return e.Err }
