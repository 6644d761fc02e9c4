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

// errNoSelection marks an operation whose selection cannot be read.
var errNoSelection = errors.New("the operation's selection cannot be read")

// probe stands for the type of an argument that the server calls by a name yet unknown. It is a
// type that every server has and that fits no input object, so the server refuses it and names
// the right one.
const probe = "Boolean"

// adaptationBuilder is an operation under repair.
type adaptationBuilder struct {
	op        *core.Operation // as it was written
	selection *selection      // as it is so far
	build     adaptation
}

// open returns a workshop that goes on from r.
func (r *adaptation) open(op *core.Operation) (*adaptationBuilder, error) {
	s, err := parseSelection(cmp.Or(r.Selection, op.Selection))
	if err != nil {
		return nil, errNoSelection
	}
	w := &adaptationBuilder{op: op, selection: s, build: *r}
	w.build.Types = maps.Clone(r.Types)
	w.build.Cut, w.build.Renamed = slices.Clone(r.Cut), slices.Clone(r.Renamed)
	return w, nil
}

// extend returns r, changed as the complaints demand: a [*core.SchemaError] where they are about
// something that the call cannot do without.
func (r *adaptation) extend(op *core.Operation, list []schemaProblem) (*adaptation, error) {
	w, err := r.open(op)
	if err != nil {
		return nil, err
	}
	// The type that is expected of a variable is worth more than the news that it has another.
	slices.SortStableFunc(list, func(a, b schemaProblem) int { return cmp.Compare(rank(a), rank(b)) })
	for _, c := range list {
		if err := w.heed(c); err != nil {
			return nil, err
		}
	}
	return w.close()
}

func rank(c schemaProblem) int {
	if c.kind == wrongVariableType {
		return 1
	}
	return 0
}

// heed changes what a complaint is about.
func (w *adaptationBuilder) heed(c schemaProblem) error {
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
			if strings.Trim(a.Type, "[]!") == c.name {
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

// named matches the fields with a wire name.
func named(name string) func(ast.Selection) bool {
	return func(node ast.Selection) bool {
		field, ok := node.(*ast.Field)
		return ok && field.Name == name
	}
}

// declare gives an argument the type that the server expects.
func (w *adaptationBuilder) declare(argument, typ string) {
	if w.build.Types == nil {
		w.build.Types = map[string]string{}
	}
	w.build.Types[argument] = typ
}

// isRoot reports whether a complaint means the operation's own field: by its place, the brace
// that opens the selection included, else by its name.
func (w *adaptationBuilder) isRoot(c schemaProblem) bool {
	if c.name != w.op.Name {
		return false
	}
	for _, at := range c.at {
		if at.Line > selectionLine || at.Line == selectionLine && at.Column > 1 {
			return false
		}
	}
	return len(c.at) > 0 || len(w.selection.set) == 0 || slices.Contains(roots, c.on)
}

// roots are the types whose fields are operations.
var roots = []string{"Query", "Mutation", "Subscription"}

// withoutField asks for a field by the name that the server has for it, else not at all.
func (w *adaptationBuilder) withoutField(c schemaProblem) error {
	if w.isRoot(c) {
		return w.lacks()
	}
	for _, way := range w.meant(c, named(c.name)) {
		field := way[len(way)-1].(*ast.Field) // named sees to that
		if alias := w.deprecatedAlias(field, c.on, c.suggested); alias != "" {
			w.rename(way, alias)
		} else {
			w.selection.cut[field] = true
		}
	}
	return nil
}

// deprecatedAlias returns the name under which a type may have an absent field: that of its deprecated twin,
// or one of those that the server offers where only the spelling differs. A field that goes by
// another name already has none.
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

// rename asks for the last field of way by another name, under an alias that answers as before.
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

// meant returns the ways to the nodes that a complaint is about: at its locations, and where the
// server does not tell any, everywhere.
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

// separate gives a field of a union's member, or the one around it, an alias that begins with the
// member's name, as the generated types decode it.
func (w *adaptationBuilder) separate(c schemaProblem) {
	key := func(node ast.Selection) bool { return !isFragment(node) && nameOf(node) == c.name }
	for _, way := range w.meant(c, key) {
		for i := len(way) - 1; i > 0; i-- {
			if isFragment(way[i-1]) {
				field := way[i].(*ast.Field) // fragments hold fields alone
				field.Alias = nameOf(way[i-1]) + "_" + field.Alias
				return
			}
		}
	}
	w.cutAt(c, key)
}

// close cuts and returns what became of the repair, or a [*core.SchemaError] where the rest is not
// worth asking for.
func (w *adaptationBuilder) close() (*adaptation, error) {
	secrets := w.secrets()
	cut := w.selection.prune(w.op.Name)
	r := &w.build
	r.Selection = w.selection.String()
	r.Cut = append(outside(cut, r.Cut), cut...)
	r.Renamed = outside(r.Cut, r.Renamed)
	switch {
	case w.op.Selection != "" && w.selection.empty():
		return nil, w.unfit("the server has no field of the result")
	case w.op.Kind == core.KindMutation && len(w.secrets()) < len(secrets):
		return nil, w.unfit("the server does not return the secret that it would make")
	}
	return r, nil
}

// outside returns the entries that are neither one of the paths nor below one. An entry is a path,
// or a path with what follows a colon.
func outside(paths, entries []string) (list []string) {
	for _, entry := range entries {
		at, _, _ := strings.Cut(entry, ":")
		if !slices.ContainsFunc(paths, func(path string) bool { return at == path || strings.HasPrefix(at, path+".") }) {
			list = append(list, entry)
		}
	}
	return list
}

// secrets returns the fields of the selection that hold a secret. What a mutation makes of these is
// shown once, so it is not to be run without them.
func (w *adaptationBuilder) secrets() (list []ast.Selection) {
	w.selection.each(func(way []ast.Selection) {
		if node := way[len(way)-1]; !isFragment(node) && redact.Holds(nameOf(node)) {
			list = append(list, node)
		}
	})
	return list
}

// rejectArgument returns the error for something that the caller set and the server lacks.
func (w *adaptationBuilder) rejectArgument(c schemaProblem) error {
	e := w.unfit("the server does not know it")
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

func (w *adaptationBuilder) lacks() error { return w.unfit("the server does not have this operation") }

// unfit returns the error for an operation that cannot be repaired.
func (w *adaptationBuilder) unfit(reason string) *core.SchemaError {
	return &core.SchemaError{Operation: w.op.Name, Reason: reason, Omitted: w.build.Cut}
}
