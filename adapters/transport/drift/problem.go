package drift

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/evidence"
)

// kind is the kind of a validation error.
type kind int

const (
	unclear            kind = iota // a validation error that no form below describes
	absentField                    // the type on has no field name
	absentType                     // the type name does not exist or has no fields
	impossibleFragment             // a value at this place can never be of the type name
	absentArgument                 // the field on has no argument name
	absentInputField               // the input type on has no field name
	absentEnumValue                // the enum on has no value name
	wrongVariableType              // the variable name is to be declared with the type on
	needsSelection                 // the field name has become an object
	takesNoSelection               // the field name has become a scalar
	conflict                       // fields of two fragments with the response key name differ
	absentOperation                // there are no operations of this kind
)

// schemaProblem is a parsed validation error.
type schemaProblem struct {
	kind      kind
	name, on  string   // see kind
	suggested []string // names that the server suggests instead
	at        []core.Location
	argument  string // the path of the affected argument, if the error contains it
}

// form is the text of a validation error of one or several servers.
type form struct {
	kind    kind
	pattern string
}

// forms are the validation messages of servers, the only texts of servers that the SDK matches.
// Names are in double quotes (graphql-js and Apollo, gqlparser, graph-gophers), in single quotes
// (graphql-java, graphql-ruby) or in backquotes (apollo-compiler); Q is any of these.
var forms = []form{
	{absentField, `Cannot query field Q(?<name>\w+)Q on type Q(?<on>\w+)Q`},
	{absentField, `Field Q(?<name>\w+)Q in type Q(?<on>\w+)Q is undefined`},  // graphql-java
	{absentField, `Field Q(?<name>\w+)Q doesn't exist on type Q(?<on>\w+)Q`}, // graphql-ruby
	{absentField, `type Q(?<on>\w+)Q does not have a field Q(?<name>\w+)Q`},  // apollo-compiler
	{absentType, `Unknown type Q(?<name>\w+)Q`},
	{absentType, `Unknown type (?<name>\w+)$`},                // graphql-java
	{absentType, `No such type (?<name>\w+), so it can't be`}, // graphql-ruby
	{absentType, `cannot find type Q(?<name>\w+)Q`},           // apollo-compiler
	{absentType, `cannot condition on non composite type Q(?<name>\w+)Q`},
	{impossibleFragment, `annot be spread here as objects of type Q\w+Q can never be of type Q(?<name>\w+)Q`},
	{absentArgument, `Unknown argument Q(?<name>\w+)Q on field Q(?:\w+\.)?(?<on>\w+)Q`},
	{absentArgument, `Unknown field argument Q(?<name>\w+)Q`},                              // graphql-java
	{absentArgument, `Field Q(?<on>\w+)Q doesn't accept argument Q(?<name>\w+)Q`},          // graphql-ruby
	{absentArgument, `argument Q(?<name>\w+)Q is not supported by Q(?:\w+\.)?(?<on>\w+)Q`}, // apollo-compiler
	{wrongVariableType, `Variable Q\$?(?<name>\w+)Q of type Q[^"'` + "`" + `]+Q used in position expecting type Q(?<on>[\w!\[\]]+)Q`},
	{wrongVariableType, `Type mismatch on variable \$(?<name>\w+) and argument \w+ \([\w!\[\]]+ / (?<on>[\w!\[\]]+)\)`},                 // graphql-ruby
	{wrongVariableType, `variable Q\$(?<name>\w+)Q of type Q[\w!\[\]]+Q cannot be used for argument Q\w+Q of type Q(?<on>[\w!\[\]]+)Q`}, // apollo-compiler
	{needsSelection, `Field Q(?<name>\w+)Q of type Q[\w!\[\]]+Q must have a (?:selection of subfields|sub selection)`},
	{needsSelection, `Subselection required for type Q[\w!\[\]]+Q of field Q(?<name>\w+)Q`}, // graphql-java
	{needsSelection, `must have selections \(field Q(?<name>\w+)Q returns`},                 // graphql-ruby
	{takesNoSelection, `Field Q(?<name>\w+)Q must not have a selection since type`},
	{takesNoSelection, `Field Q(?<name>\w+)Q of type Q[\w!\[\]]+Q must not have a sub selection`},    // graphql-go
	{takesNoSelection, `Subselection not allowed on leaf type Q[\w!\[\]]+Q of field Q(?<name>\w+)Q`}, // graphql-java
	{takesNoSelection, `Selections can't be made on scalars \(field Q(?<name>\w+)Q returns`},         // graphql-ruby
	{conflict, `Fields Q(?<name>\w+)Q conflict because`},
	{absentEnumValue, `Value Q(?<name>\w+)Q does not exist in Q(?<on>\w+)Q enum`},
	{absentEnumValue, `^(?<name>\w+) is not a valid (?<on>\w+)$`}, // gqlparser, of a variable
	{absentInputField, `Field Q(?<name>\w+)Q is not defined by type Q(?<on>\w+)Q`},
	{absentInputField, `^unknown field$`}, // gqlparser, of a variable
	{absentOperation, `Schema (?:does not support operation type|is not configured (?:to execute|for)) `},
}

// patterns are the compiled forms. The first validation error compiles them.
var patterns = sync.OnceValue(func() []*regexp.Regexp {
	list := make([]*regexp.Regexp, len(forms))
	for i, f := range forms {
		list[i] = regexp.MustCompile(strings.ReplaceAll(f.pattern, "Q", "[\"'`]"))
	}
	return list
})

// suggestions matches the names in "Did you mean …?", and argumentPath the path within a variable.
var (
	suggestions  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("[\"'`](\\w+)[\"'`]") })
	argumentPath = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile("^Variable [\"'`]?\\$?(\\w+)[\"'`]? .*?(?: at [\"'`]([\\w.\\[\\]]+)[\"'`])?[;:.]")
	})
)

// schemaProblems parses the errors of a response. It returns nil unless they come from validation,
// which runs before anything is executed.
func schemaProblems(errors []core.GraphQLError) []schemaProblem {
	var list []schemaProblem
	known := false
	for _, e := range errors {
		if len(e.Path) > 0 && !evidence.OfVariables(e) {
			return nil // the path is one of the result, so the operation was executed
		}
		c := parseProblem(e)
		known = known || c.kind != unclear || e.Code() == evidence.CodeInvalid
		list = append(list, c)
	}
	if !known {
		return nil
	}
	return list
}

// parseProblem matches a message with the forms.
func parseProblem(e core.GraphQLError) schemaProblem {
	c := schemaProblem{at: e.Locations, argument: argumentOf(e)}
	for i, pattern := range patterns() {
		found := pattern.FindStringSubmatch(e.Message)
		if found == nil {
			continue
		}
		c.kind = forms[i].kind
		if n := pattern.SubexpIndex("name"); n > 0 {
			c.name = found[n]
		}
		if n := pattern.SubexpIndex("on"); n > 0 {
			c.on = found[n]
		}
		if c.kind == absentInputField && c.argument != "" && c.name != "" {
			c.argument += "." + c.name
		}
		if _, hint, ok := strings.Cut(e.Message, "Did you mean "); ok {
			for _, s := range suggestions().FindAllStringSubmatch(hint, -1) {
				c.suggested = append(c.suggested, s[1])
			}
		}
		return c
	}
	return c
}

// argumentOf returns the path of the argument that an error about variables is about, or "".
func argumentOf(e core.GraphQLError) string {
	if len(e.Path) > 1 {
		steps := make([]string, len(e.Path)-1)
		for i, step := range e.Path[1:] {
			steps[i] = fmt.Sprint(step)
		}
		return strings.Join(steps, ".")
	}
	found := argumentPath().FindStringSubmatch(e.Message)
	if found == nil {
		return ""
	}
	if found[2] != "" {
		return found[2]
	}
	return found[1]
}
