package profile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Link is one link of a chain: "client-credentials", "user", "sso", "password",
// "plugin:NAME" or "exec:NAME", with the names that the file gives to plugins and programs.
type Link struct {
	Name string
	// Next says that a failure of the link lets the next one try. Without it the chain ends,
	// except where the link is not applicable.
	Next bool
}

// The links that need no table of their own.
var builtin = []string{"client-credentials", "user", "sso", "password"}

// What a failure of a link can mean.
const (
	failureStops = "stop"
	failureNext  = "next"
)

// Chain are links in order.
type Chain []Link

// UnmarshalTOML reads a list of links: "sso", or { link = "sso", failure = "next" }.
func (c *Chain) UnmarshalTOML(text []byte) error {
	var doc struct{ Chain []any }
	if err := toml.Unmarshal(append([]byte("Chain = "), text...), &doc); err != nil {
		return errors.New("a chain is a list of links")
	}
	*c = Chain{}
	for _, value := range doc.Chain {
		link, err := newLink(value)
		if err != nil {
			return err
		}
		*c = append(*c, link)
	}
	return nil
}

func newLink(value any) (Link, error) {
	if name, ok := value.(string); ok {
		return Link{Name: name}, nil
	}
	table, ok := value.(map[string]any)
	if !ok {
		return Link{}, fmt.Errorf("%v is no link: write its name, or { link = %q, failure = %q }", value, "sso", failureNext)
	}
	var link Link
	for key, value := range table {
		text, ok := value.(string)
		switch {
		case !ok:
			return link, fmt.Errorf("%s = %v: it is no text", key, value)
		case key == "link":
			link.Name = text
		case key == "failure" && (text == failureStops || text == failureNext):
			link.Next = text == failureNext
		case key == "failure":
			return link, fmt.Errorf("failure = %q: use %q or %q", text, failureStops, failureNext)
		default:
			return link, fmt.Errorf("there is no key %q: use link and failure", key)
		}
	}
	return link, nil
}

// check returns what is wrong with the name, "" for nothing.
func (l Link) check(f *File) (reason, remedy string) {
	kind, name, compound := strings.Cut(l.Name, ":")
	var names []string
	switch {
	case kind == "plugin" && compound:
		if _, ok := f.Plugins[name]; ok {
			return "", ""
		}
		names = prefixed("plugin:", f.Plugins)
		remedy = "install it with `taegis plugin install`, or add a table [plugins." + name + "]"
	case kind == "exec" && compound:
		if _, ok := f.Programs[name]; ok {
			return "", ""
		}
		names = prefixed("exec:", f.Programs)
		remedy = "add a table [programs." + name + "] with its command"
	case slices.Contains(builtin, l.Name):
		return "", ""
	default:
		names = slices.Concat(builtin, prefixed("plugin:", f.Plugins), prefixed("exec:", f.Programs))
		remedy = "use one of " + strings.Join(names, ", ")
	}
	if near := nearest(l.Name, names); near != "" {
		remedy = "did you mean " + near + "?"
	}
	return fmt.Sprintf("there is no link %q", l.Name), remedy
}
