package drift

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/internal/text"
)

// errNoSelection is returned for a selection that does not parse.
var errNoSelection = errors.New("the operation's selection does not parse")

// probe is a placeholder for a type that has another, still unknown name on the server. Every
// server has this type and accepts it for no input object, so its error names the right type.
const probe = "Boolean"

// adaptationBuilder collects the changes to one operation.
type adaptationBuilder struct {
	op        *core.Operation // the original
	selection *selection      // with the changes so far
	build     adaptation
}

// builder returns a builder that starts with the changes of r. Its error is errNoSelection.
func (r *adaptation) builder(op *core.Operation) (*adaptationBuilder, error) {
	s, err := parseSelection(cmp.Or(r.Selection, op.Selection))
	if err != nil {
		return nil, errNoSelection
	}
	w := &adaptationBuilder{op: op, selection: s, build: *r}
	w.build.Types = maps.Clone(r.Types)
	w.build.Omitted, w.build.Renamed = slices.Clone(r.Omitted), slices.Clone(r.Renamed)
	return w, nil
}

// extend returns r with further changes that avoid the problems. It returns a [*core.SchemaError]
// if a problem is about something that the call needs.
func (r *adaptation) extend(op *core.Operation, list []schemaProblem) (*adaptation, error) {
	w, err := r.builder(op)
	if err != nil {
		return nil, err
	}
	// A message with the expected type of a variable overrides one that only names a wrong type.
	for _, last := range []bool{false, true} {
		for _, c := range list {
			if last != (c.kind == wrongVariableType) {
				continue
			}
			if err := w.solve(c); err != nil {
				return nil, err
			}
		}
	}
	return w.finish()
}

// solve changes the operation so that the problem does not occur.
func (w *adaptationBuilder) solve(c schemaProblem) error {
	switch c.kind {
	case absentOperation:
		return w.lacks()
	case absentArgument, absentInputField, absentEnumValue:
		return w.rejectArgument(c)
	case wrongVariableType:
		w.declare(c.name, c.on)
	case absentType:
		w.cutAll(func(node ast.Selection) bool { return isFragment(node) && nameOf(node) == c.name })
		for _, a := range w.op.Arguments {
			if strings.Trim(a.Declared(), "[]!") == c.name {
				w.declare(a.Name, probe)
			}
		}
	case impossibleFragment:
		w.cutAt(c, func(node ast.Selection) bool { return isFragment(node) && nameOf(node) == c.name })
	case absentField:
		return w.withoutField(c)
	case needsSelection, takesNoSelection:
		if w.isRoot(c) {
			return w.unfit("the server's result of this operation has another shape")
		}
		w.cutAt(c, named(c.name))
	case conflict:
		w.separate(c)
	}
	return nil
}

// named matches fields by their name in the schema.
func named(name string) func(ast.Selection) bool {
	return func(node ast.Selection) bool {
		field, ok := node.(*ast.Field)
		return ok && field.Name == name
	}
}

// declare declares an argument with the server's type.
func (w *adaptationBuilder) declare(argument, typ string) {
	if w.build.Types == nil {
		w.build.Types = map[string]string{}
	}
	w.build.Types[argument] = typ
}

// isRoot reports whether a problem is about the operation's root field. It compares the location,
// including the opening brace of the selection, or the name if there is no location.
func (w *adaptationBuilder) isRoot(c schemaProblem) bool {
	if c.name != cmp.Or(w.build.Field, w.op.Name) {
		return false
	}
	for _, at := range c.at {
		if at.Line > selectionLine || at.Line == selectionLine && at.Column > 1 {
			return false
		}
	}
	return len(c.at) > 0 || len(w.selection.set) == 0 || slices.Contains(roots, c.on)
}

// roots are the names of the types with the operations.
var roots = []string{"Query", "Mutation", "Subscription"}

// withoutField replaces an absent field by its alias on the server, or removes it if there is none.
func (w *adaptationBuilder) withoutField(c schemaProblem) error {
	if w.isRoot(c) {
		return w.substitute()
	}
	for _, way := range w.meant(c, named(c.name)) {
		field := way[len(way)-1].(*ast.Field) // named matches fields only
		if alias := w.deprecatedAlias(field, c.on, c.suggested); alias != "" {
			w.rename(way, alias)
		} else {
			w.selection.cut[field] = true
		}
	}
	return nil
}

// deprecatedAlias returns another name under which a type may have an absent field: its deprecated
// alias, or an offered name that differs in spelling only. It returns "" for a field that is
// already renamed.
func (w *adaptationBuilder) deprecatedAlias(field *ast.Field, typ string, offered []string) string {
	if field.Alias != field.Name && !strings.HasSuffix(field.Alias, "_"+field.Name) {
		return ""
	}
	for _, t := range w.op.DeprecatedAliases {
		if t.Field == field.Name && (t.Type == typ || typ == "") {
			return t.Deprecated
		}
	}
	for _, name := range offered {
		if text.Fold(name) == text.Fold(field.Name) {
			return name
		}
	}
	return ""
}

// rename selects the last field of way by another name. Its alias keeps the response key.
func (w *adaptationBuilder) rename(way []ast.Selection, name string) {
	way[len(way)-1].(*ast.Field).Name = name
	w.build.Renamed = append(w.build.Renamed, w.path(way)+": "+name)
}

func (w *adaptationBuilder) path(way []ast.Selection) string {
	steps := []string{w.op.Name}
	var around ast.Selection
	for _, node := range way {
		steps = append(steps, stepOf(around, node))
		around = node
	}
	return strings.Join(steps, ".")
}

// meant returns the ways to the nodes that a problem is about: those at its locations, or all that
// match if the error has no locations.
func (w *adaptationBuilder) meant(c schemaProblem, is func(ast.Selection) bool) (ways [][]ast.Selection) {
	for _, at := range c.at {
		if way := w.selection.find(at, is); way != nil {
			ways = append(ways, way)
		}
	}
	if len(c.at) == 0 {
		w.selection.each(func(way []ast.Selection) {
			if is(way[len(way)-1]) {
				ways = append(ways, slices.Clone(way))
			}
		})
	}
	return ways
}

func (w *adaptationBuilder) cutAt(c schemaProblem, is func(ast.Selection) bool) {
	for _, way := range w.meant(c, is) {
		w.selection.cut[way[len(way)-1]] = true
	}
}

func (w *adaptationBuilder) cutAll(is func(ast.Selection) bool) { w.cutAt(schemaProblem{}, is) }

// separate gives a field of a union's member, or the field around it, an alias that begins with the
// member's name. The generated types decode this alias.
func (w *adaptationBuilder) separate(c schemaProblem) {
	key := func(node ast.Selection) bool { return !isFragment(node) && nameOf(node) == c.name }
	for _, way := range w.meant(c, key) {
		for i := len(way) - 1; i > 0; i-- {
			if isFragment(way[i-1]) {
				field := way[i].(*ast.Field) // fragments contain fields only
				field.Alias = nameOf(way[i-1]) + "_" + field.Alias
				return
			}
		}
	}
	w.cutAt(c, key)
}

// finish removes the fields and returns the adaptation, or a [*core.SchemaError] if the remaining
// operation is useless to the caller.
func (w *adaptationBuilder) finish() (*adaptation, error) {
	secrets := w.secrets()
	cut := w.selection.prune(w.op.Name)
	r := &w.build
	r.Selection = w.selection.String()
	r.Omitted = append(outside(cut, r.Omitted), cut...)
	r.Renamed = outside(r.Omitted, r.Renamed)
	switch {
	case w.op.Selection != "" && w.selection.empty():
		return nil, w.unfit("the server has no field of the result")
	case w.op.Kind == core.KindMutation && len(w.secrets()) < len(secrets):
		return nil, w.unfit("the server does not return the secret that it would create")
	}
	return r, nil
}

// outside returns the entries that are neither one of the paths nor below one. An entry is a path
// that a colon and a name can follow.
func outside(paths, entries []string) (list []string) {
	for _, entry := range entries {
		at, _, _ := strings.Cut(entry, ":")
		if !slices.ContainsFunc(paths, func(path string) bool { return at == path || strings.HasPrefix(at, path+".") }) {
			list = append(list, entry)
		}
	}
	return list
}

// secrets returns the fields of the selection that hold a secret. A mutation must not run without
// them, because the server shows a new secret only once.
func (w *adaptationBuilder) secrets() (list []ast.Selection) {
	w.selection.each(func(way []ast.Selection) {
		if node := way[len(way)-1]; !isFragment(node) && redact.Holds(nameOf(node)) {
			list = append(list, node)
		}
	})
	return list
}

// rejectArgument returns the error for an argument or value that the caller set and the server
// lacks.
func (w *adaptationBuilder) rejectArgument(c schemaProblem) error {
	e := w.unfit("the server does not have it")
	e.Argument, e.HintText = cmp.Or(c.argument, c.name), "leave it out"
	if c.kind == absentEnumValue {
		e.Argument = c.argument
		e.Reason, e.HintText = "the server's enum "+c.on+" has no value "+c.name, "choose another"
	}
	if len(c.suggested) > 0 {
		e.HintText += ", or use " + strings.Join(c.suggested, ", ")
	}
	return e
}

// substitute replaces the operation's root field by that of the alternative operation. It returns a
// [*core.SchemaError] if there is none, or if the server lacks both.
func (w *adaptationBuilder) substitute() error {
	if w.op.Alternative == "" || w.build.Field != "" {
		return w.lacks()
	}
	w.build.Field = w.op.Alternative
	w.build.Renamed = append(w.build.Renamed, w.op.Name+": "+w.build.Field)
	return nil
}

func (w *adaptationBuilder) lacks() error {
	e := w.unfit("the server does not have this operation")
	e.NoOperation = true
	return e
}

// unfit returns the error for an operation that cannot be adapted.
func (w *adaptationBuilder) unfit(reason string) *core.SchemaError {
	return &core.SchemaError{Operation: w.op.Name, Reason: reason, Omitted: w.build.Omitted}
}
