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

// workshop is an operation under repair.
type workshop struct {
	op        *core.Operation // as it was written
	selection *selection      // as it is so far
	repair    repair
}

// open returns a workshop that goes on from r.
func (r *repair) open(op *core.Operation) (*workshop, error) {
	s, err := parseSelection(cmp.Or(r.Selection, op.Selection))
	if err != nil {
		return nil, errNoSelection
	}
	w := &workshop{op: op, selection: s, repair: *r}
	w.repair.Types = maps.Clone(r.Types)
	w.repair.Cut, w.repair.Renamed = slices.Clone(r.Cut), slices.Clone(r.Renamed)
	return w, nil
}

// mend returns r, changed as the complaints demand: a [*core.SchemaError] where they are about
// something that the call cannot do without.
func (r *repair) mend(op *core.Operation, list []complaint) (*repair, error) {
	w, err := r.open(op)
	if err != nil {
		return nil, err
	}
	// The type that is expected of a variable is worth more than the news that it has another.
	slices.SortStableFunc(list, func(a, b complaint) int { return cmp.Compare(rank(a), rank(b)) })
	for _, c := range list {
		if err := w.heed(c); err != nil {
			return nil, err
		}
	}
	return w.close()
}

func rank(c complaint) int {
	if c.kind == wrongVariableType {
		return 1
	}
	return 0
}

// heed changes what a complaint is about.
func (w *workshop) heed(c complaint) error {
	switch c.kind {
	case absentOperation:
		return w.lacks()
	case absentArgument, absentInputField, absentEnumValue:
		return w.refuseArgument(c)
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
func (w *workshop) declare(argument, typ string) {
	if w.repair.Types == nil {
		w.repair.Types = map[string]string{}
	}
	w.repair.Types[argument] = typ
}

// isRoot reports whether a complaint means the operation's own field: by its place, the brace
// that opens the selection included, else by its name.
func (w *workshop) isRoot(c complaint) bool {
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
func (w *workshop) withoutField(c complaint) error {
	if w.isRoot(c) {
		return w.lacks()
	}
	for _, way := range w.meant(c, named(c.name)) {
		field := way[len(way)-1].(*ast.Field) // named sees to that
		if twin := w.twin(field, c.on, c.suggested); twin != "" {
			w.rename(way, twin)
		} else {
			w.selection.cut[field] = true
		}
	}
	return nil
}

// twin returns the name under which a type may have an absent field: that of its deprecated twin,
// or one of those that the server offers where only the spelling differs. A field that goes by
// another name already has none.
func (w *workshop) twin(field *ast.Field, typ string, offered []string) string {
	if field.Alias != field.Name && !strings.HasSuffix(field.Alias, "_"+field.Name) {
		return ""
	}
	for _, t := range w.op.Twins {
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
func (w *workshop) rename(way []ast.Selection, name string) {
	way[len(way)-1].(*ast.Field).Name = name
	w.repair.Renamed = append(w.repair.Renamed, w.path(way)+": "+name)
}

func (w *workshop) path(way []ast.Selection) string {
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
func (w *workshop) meant(c complaint, is func(ast.Selection) bool) (ways [][]ast.Selection) {
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

func (w *workshop) cutAt(c complaint, is func(ast.Selection) bool) {
	for _, way := range w.meant(c, is) {
		w.selection.cut[way[len(way)-1]] = true
	}
}

func (w *workshop) cutAll(is func(ast.Selection) bool) { w.cutAt(complaint{}, is) }

// separate gives a field of a union's member, or the one around it, an alias that begins with the
// member's name, as the generated types decode it.
func (w *workshop) separate(c complaint) {
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
func (w *workshop) close() (*repair, error) {
	secrets := w.secrets()
	cut := w.selection.prune(w.op.Name)
	r := &w.repair
	r.Selection = w.selection.String()
	r.Cut = append(outside(cut, r.Cut), cut...)
	r.Renamed = outside(r.Cut, r.Renamed)
	switch {
	case w.op.Selection != "" && w.selection.empty():
		return nil, w.unfit("the server has no field of the result")
	case w.op.Kind == core.Mutation && len(w.secrets()) < len(secrets):
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
func (w *workshop) secrets() (list []ast.Selection) {
	w.selection.each(func(way []ast.Selection) {
		if node := way[len(way)-1]; !isFragment(node) && redact.Holds(nameOf(node)) {
			list = append(list, node)
		}
	})
	return list
}

// refuseArgument returns the error for something that the caller set and the server lacks.
func (w *workshop) refuseArgument(c complaint) error {
	e := w.unfit("the server does not know it")
	e.Argument, e.Remedy = cmp.Or(c.argument, c.name), "leave it out"
	if c.kind == absentEnumValue {
		e.Argument = c.argument
		e.Reason, e.Remedy = "the server's enum "+c.on+" has no value "+c.name, "choose another"
	}
	if len(c.suggested) > 0 {
		e.Remedy += ", or use " + strings.Join(c.suggested, ", ")
	}
	return e
}

func (w *workshop) lacks() error { return w.unfit("the server does not have this operation") }

// unfit returns the error for an operation that cannot be repaired.
func (w *workshop) unfit(reason string) *core.SchemaError {
	return &core.SchemaError{Operation: w.op.Name, Reason: reason, Cut: w.repair.Cut}
}
