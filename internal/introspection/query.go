package introspection

import "strings"

// operationName is the name of the query in all GraphQL clients, so that gateways recognise it.
const operationName = "IntrospectionQuery"

// dialect is how much of introspection a server understands.
type dialect int

const (
	newest        dialect = iota // deprecated arguments and input fields can be asked for
	inputsLikeAny                // not those: they come like all others, or not at all
	oldest                       // nothing can be asked for
)

// typeDepth is how many list and non-null marks a reference may carry. Nine are common; the
// specification sets no bound, and one more costs nothing.
const typeDepth = 10

// document is the introspection query.
func (d dialect) document() string {
	deprecated, onInputs, ofInputs, ofDirectives := " (includeDeprecated: true)", "", "", ""
	switch d {
	case newest:
		onInputs, ofInputs, ofDirectives = deprecated, " isDeprecated deprecationReason", " isRepeatable"
	case oldest:
		deprecated = ""
	}
	reference := strings.Repeat(" ofType { kind name", typeDepth) + strings.Repeat(" }", typeDepth)
	return strings.NewReplacer(
		"(DEPRECATED)", deprecated, "(ON_INPUTS)", onInputs, "OF_INPUTS", ofInputs,
		"OF_DIRECTIVES", ofDirectives, "REFERENCE", reference,
	).Replace(template)
}

const template = `query IntrospectionQuery {
  __schema {
    queryType { name }
    mutationType { name }
    subscriptionType { name }
    types {
      kind name description
      fields(DEPRECATED) {
        name description isDeprecated deprecationReason
        args(ON_INPUTS) { ...Input }
        type { ...Reference }
      }
      inputFields(ON_INPUTS) { ...Input }
      interfaces { name }
      enumValues(DEPRECATED) { name description isDeprecated deprecationReason }
      possibleTypes { name }
    }
    directives {
      name description locations OF_DIRECTIVES
      args(ON_INPUTS) { ...Input }
    }
  }
}
fragment Input on __InputValue { name description defaultValue OF_INPUTS type { ...Reference } }
fragment Reference on __Type { kind name REFERENCE }
`
