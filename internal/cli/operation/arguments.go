// Package operation reads operations, arguments and variables from the command line and sends
// them, for the commands call, api and schema.
package operation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/ctxio"
	"github.com/taegis-go/taegis/internal/redact"
)

// parameter is an argument of an operation or a variable of a document.
type parameter struct {
	name     string
	typ      string // in GraphQL's notation, for example "[String!]!"
	required bool
}

// argumentReader reads values for parameters from the command line.
type argumentReader struct {
	what     string // "argument" or "variable"
	owner    string // the operation or document that has the parameters
	declared []parameter
	kind     func(typeName string) kind
	stdin    io.Reader

	values map[string]json.RawMessage
	lists  map[string][]json.RawMessage // values of parameters that can be repeated
	usedIn bool                         // stdin was read
	inArgv []string                     // parts of the command line that contain a secret
}

// read reads one "name=value", "name:=JSON", "name=@FILE" or "name:=@FILE".
func (r *argumentReader) read(ctx context.Context, flag, text string) error {
	left, value, found := strings.Cut(text, "=")
	name, isJSON := strings.CutSuffix(left, ":")
	if !found || name == "" {
		return fmt.Errorf("%s %q: write name=value, name:=JSON or name=@FILE", flag, text)
	}
	p, err := r.find(name)
	if err != nil {
		return err
	}
	content, isFile, err := r.content(ctx, value)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s %s: %w (for a value that begins with @, write %s:='\"@…\"')", r.what, p.name, err, p.name)
	case err != nil:
		return fmt.Errorf("%s %s: %w", r.what, p.name, err)
	}
	if !utf8.ValidString(content) { // JSON would silently replace invalid bytes
		return fmt.Errorf("%s %s (%s): not text in UTF-8", r.what, p.name, p.typ)
	}
	if !isFile && (redact.Sure(name) || isJSON && redact.InDocument(content)) {
		r.inArgv = append(r.inArgv, r.what+" "+name)
	}
	switch {
	case isJSON, isFile && r.kind(typeName(p.typ)) == objectKind:
		return r.setJSON(p, content)
	case isFile && baseKind(p.typ) != stringKind && r.kind(typeName(p.typ)) != scalarKind:
		content = strings.TrimSpace(content) // without the newline after a number or a name
	}
	return r.setText(p, content)
}

func (r *argumentReader) find(name string) (parameter, error) {
	var names []string
	for _, p := range r.declared {
		if p.name == name {
			return p, nil
		}
		names = append(names, p.name)
	}
	if len(names) == 0 {
		return parameter{}, fmt.Errorf("%s has no %s %q: it has none", r.owner, r.what, name)
	}
	err := fmt.Errorf("%s has no %s %q: use one of %s", r.owner, r.what, name, strings.Join(names, ", "))
	return parameter{}, cmdutil.DidYouMean(err, r.owner+" has no "+r.what, name, names)
}

// content returns the value, or the contents of the file that it names.
func (r *argumentReader) content(ctx context.Context, value string) (content string, isFile bool, err error) {
	path, isFile := strings.CutPrefix(value, "@")
	if !isFile {
		return value, false, nil
	}
	var text []byte
	switch {
	case path == "-" && r.usedIn:
		return "", true, errors.New("stdin can be read only once")
	case path == "-":
		r.usedIn = true
		text, err = ctxio.ReadAll(ctx, r.stdin)
	default:
		text, err = cmdutil.ReadFile(ctx, path)
	}
	return string(text), true, err
}

// setJSON stores a value that is JSON.
func (r *argumentReader) setJSON(p parameter, text string) error {
	text = strings.TrimSpace(text)
	var value json.RawMessage
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		return fmt.Errorf("%s %s (%s): not JSON: %w", r.what, p.name, p.typ, err)
	}
	return r.set(p, value)
}

// setText converts a value to the parameter's type and stores it.
func (r *argumentReader) setText(p parameter, text string) error {
	value, err := coerce(p.typ, r.kind, text)
	if err != nil {
		return fmt.Errorf("%s %s (%s): %w", r.what, p.name, p.typ, err)
	}
	if !isList(p.typ) {
		return r.set(p, value)
	}
	if r.values[p.name] != nil {
		return r.givenTwice(p)
	}
	if r.lists == nil {
		r.lists = map[string][]json.RawMessage{}
	}
	r.lists[p.name] = append(r.lists[p.name], value)
	return nil
}

func (r *argumentReader) set(p parameter, value json.RawMessage) error {
	if r.values[p.name] != nil || r.lists[p.name] != nil {
		return r.givenTwice(p)
	}
	if r.values == nil {
		r.values = map[string]json.RawMessage{}
	}
	r.values[p.name] = value
	return nil
}

func (r *argumentReader) givenTwice(p parameter) error {
	return fmt.Errorf("%s %s (%s) is given twice", r.what, p.name, p.typ)
}

// merge stores the members of a JSON object as values. Values that were read before override them.
func (r *argumentReader) merge(flag, text string) error {
	if !utf8.ValidString(text) {
		return fmt.Errorf("%s: not text in UTF-8", flag)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &members); err != nil || members == nil {
		return cmdutil.JoinErrors(fmt.Errorf("%s: not a JSON object", flag), err)
	}
	for name, value := range members {
		p, err := r.find(name)
		if err != nil {
			return err
		}
		if r.values[name] != nil || r.lists[name] != nil {
			continue
		}
		if err := r.set(p, value); err != nil {
			return err
		}
	}
	return nil
}

// complete returns all values, or an error that names the missing ones.
func (r *argumentReader) complete() (map[string]json.RawMessage, error) {
	all := map[string]json.RawMessage{}
	var missing []string
	for _, p := range r.declared {
		switch value, list := r.values[p.name], r.lists[p.name]; {
		case value != nil:
			all[p.name] = value
		case list != nil:
			text, err := json.Marshal(list)
			if err != nil {
				return nil, err
			}
			all[p.name] = text
		}
		if p.required && isNull(all[p.name]) {
			missing = append(missing, p.name+" ("+p.typ+")")
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%s needs the %s %s", r.owner, cmdutil.Plural(len(missing), r.what, r.what+"s"), strings.Join(missing, ", "))
	}
	return all, nil
}

// errGiveJSON is returned for types that have no short form.
var errGiveJSON = errors.New("write it as JSON, with := in place of =")

// Arguments reads the arguments of an operation from the values of --arg. It warns of secrets in them.
func Arguments(ctx context.Context, a *cmdutil.App, op *core.Operation, given []string) (map[string]json.RawMessage, error) {
	r := &argumentReader{what: "argument", owner: op.Service + " " + op.Name, stdin: a.In, kind: kindsOf(op.Service)}
	for _, argument := range op.Arguments {
		r.declared = append(r.declared, parameter{name: argument.Name, typ: argument.Type, required: isRequired(argument.Type)})
	}
	for _, text := range given {
		if err := r.read(ctx, "--arg", text); err != nil {
			return nil, err
		}
	}
	warnOfArgv(a, r.inArgv)
	return r.complete()
}

// warnOfArgv warns of secrets on the command line.
func warnOfArgv(a *cmdutil.App, names []string) {
	for _, name := range names {
		a.Warnf("%s holds a secret, which is visible in the list of processes and the shell's history: give it as @FILE, or as @- on stdin", name)
	}
}
