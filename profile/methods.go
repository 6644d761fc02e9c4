package profile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Method is one element of a chain: "client-credentials", "interactive", "sso", "password",
// "plugin:NAME" or "exec:NAME", with NAME from the file's tables plugins and exec.
type Method struct {
	Name string
	// ContinueOnError lets the chain try the next method after an error. If it is false, the chain
	// continues only if the method is unavailable.
	ContinueOnError bool

	syntaxFault string // why its TOML is invalid, "" if it is valid
}

// builtin are the methods that need no table of their own.
var builtin = []string{"client-credentials", "interactive", "sso", "password"}

// The keys of a method that is written as a table.
const (
	keyMethod          = "method"
	keyContinueOnError = "continue-on-error"
)

// Chain is the ordered list of methods.
type Chain []Method

// UnmarshalTOML reads an array of methods. Each is a name, for example "sso", or a table, for
// example { method = "sso", continue-on-error = true }. [LoadFile] reports invalid methods with
// their key.
func (c *Chain) UnmarshalTOML(text []byte) error {
	var doc struct{ Chain []any }
	*c = Chain{}
	if toml.Unmarshal(append([]byte("Chain = "), text...), &doc) != nil {
		*c = Chain{{syntaxFault: "a chain is an array of methods"}}
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
		return Method{syntaxFault: fmt.Sprintf("%v is not a method", value)}
	}
	var method Method
	for _, key := range slices.Sorted(maps.Keys(table)) {
		var ok bool
		switch key {
		case keyMethod:
			if method.Name, ok = table[key].(string); !ok {
				method.syntaxFault = fmt.Sprintf("%s = %v: not a string", key, table[key])
			}
		case keyContinueOnError:
			if method.ContinueOnError, ok = table[key].(bool); !ok {
				method.syntaxFault = fmt.Sprintf("%s = %v: neither true nor false", key, table[key])
			}
		default:
			method.syntaxFault = fmt.Sprintf("unknown key %q", key)
		}
	}
	return method
}

// check returns why the method is invalid, and a hint; "" if it is valid.
func (m Method) check(f *File) (reason, hint string) {
	if m.syntaxFault != "" {
		return m.syntaxFault, fmt.Sprintf("write the name of a method, or { %s = %q, %s = true }", keyMethod, "sso", keyContinueOnError)
	}
	kind, name, compound := strings.Cut(m.Name, ":")
	var names []string
	switch {
	case kind == "plugin" && compound:
		if _, ok := f.Plugins[name]; ok {
			return "", ""
		}
		names = prefixed("plugin:", f.Plugins)
		hint = "install it, or add a table [plugins." + name + "]"
	case kind == "exec" && compound:
		if _, ok := f.Processes[name]; ok {
			return "", ""
		}
		names = prefixed("exec:", f.Processes)
		hint = "add a table [exec." + name + "] with its command"
	case slices.Contains(builtin, m.Name):
		return "", ""
	default:
		names = slices.Concat(builtin, prefixed("plugin:", f.Plugins), prefixed("exec:", f.Processes))
		hint = "use one of " + strings.Join(names, ", ")
	}
	if near := nearest(m.Name, names); near != "" {
		hint = "did you mean " + near + "?"
	}
	return fmt.Sprintf("unknown method %q", m.Name), hint
}
