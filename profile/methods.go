package profile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Method is one link of a chain: "client-credentials", "user", "sso", "password",
// "plugin:NAME" or "exec:NAME", with the names that the file gives to plugins and programs.
type Method struct {
	Name string
	// ContinueOnError says that a failure of the link lets the next one try. Without it the chain ends,
	// except where the link is unavailable.
	ContinueOnError bool

	wrong string // with the way in which it is written, "" for nothing
}

// The links that need no table of their own.
var builtin = []string{"client-credentials", "user", "sso", "password"}

// What a failure of a link can mean.
const (
	failureStops = "stop"
	failureNext  = "next"
)

// Chain are links in order.
type Chain []Method

// UnmarshalTOML reads a list of links: "sso", or { link = "sso", failure = "next" }. What is wrong
// with one is found by the check of the file: an error here would not say where.
func (c *Chain) UnmarshalTOML(text []byte) error {
	var doc struct{ Chain []any }
	*c = Chain{}
	if toml.Unmarshal(append([]byte("Chain = "), text...), &doc) != nil {
		*c = Chain{{wrong: "a chain is a list of links"}}
	}
	for _, value := range doc.Chain {
		*c = append(*c, newMethod(value))
	}
	return nil
}

func newMethod(value any) Method {
	if name, ok := value.(string); ok {
		return Method{Name: name}
	}
	table, ok := value.(map[string]any)
	if !ok {
		return Method{wrong: fmt.Sprintf("%v is no link", value)}
	}
	var method Method
	for _, key := range slices.Sorted(maps.Keys(table)) {
		text, ok := table[key].(string)
		switch {
		case key != "link" && key != "failure":
			method.wrong = fmt.Sprintf("there is no key %q", key)
		case !ok:
			method.wrong = fmt.Sprintf("%s = %v: it is no text", key, table[key])
		case key == "link":
			method.Name = text
		case text == failureStops, text == failureNext:
			method.ContinueOnError = text == failureNext
		default:
			method.wrong = fmt.Sprintf("failure = %q: use %q or %q", text, failureStops, failureNext)
		}
	}
	return method
}

// check returns what is wrong with the link, "" for nothing.
func (l Method) check(f *File) (reason, hint string) {
	if l.wrong != "" {
		return l.wrong, fmt.Sprintf("write the name of a link, or { link = %q, failure = %q }", "sso", failureNext)
	}
	kind, name, compound := strings.Cut(l.Name, ":")
	var names []string
	switch {
	case kind == "plugin" && compound:
		if _, ok := f.Plugins[name]; ok {
			return "", ""
		}
		names = prefixed("plugin:", f.Plugins)
		hint = "install it with `taegis plugin install`, or add a table [plugins." + name + "]"
	case kind == "exec" && compound:
		if _, ok := f.Programs[name]; ok {
			return "", ""
		}
		names = prefixed("exec:", f.Programs)
		hint = "add a table [programs." + name + "] with its command"
	case slices.Contains(builtin, l.Name):
		return "", ""
	default:
		names = slices.Concat(builtin, prefixed("plugin:", f.Plugins), prefixed("exec:", f.Programs))
		hint = "use one of " + strings.Join(names, ", ")
	}
	if near := nearest(l.Name, names); near != "" {
		hint = "did you mean " + near + "?"
	}
	return fmt.Sprintf("there is no link %q", l.Name), hint
}
