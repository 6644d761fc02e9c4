package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const rawJSON = "json.RawMessage"

// reader writes Go that follows paths of paging.json through generated types.
type reader struct{ builder *builder }

// field returns the field of a Go type with a wire name.
func (r *reader) field(goTypeName, wire string) (*goField, error) {
	name := strings.TrimPrefix(goTypeName, "*")
	for _, t := range r.builder.model.Types {
		if t.Go != name {
			continue
		}
		for _, f := range t.Fields {
			if f.Wire == wire {
				return f, nil
			}
		}
	}
	return nil, fmt.Errorf("%s has no field %s", name, wire)
}

// typeAt returns the Go type at a path.
func (r *reader) typeAt(start, path string) (string, error) {
	if path == "$" || path == "" {
		return start, nil
	}
	for wire := range strings.SplitSeq(path, ".") {
		f, err := r.field(start, wire)
		if err != nil {
			return "", err
		}
		start = f.Type
	}
	return start, nil
}

// value writes statements that reach a path and then what use makes of it. If something on the way
// is null, they end with the statement otherwise.
func (r *reader) value(start, path string, use func(expr, typ string) (string, error), otherwise string) (string, error) {
	expr, typ := "row", start
	var text strings.Builder
	steps := strings.Split(path, ".")
	for i, wire := range steps {
		f, err := r.field(typ, wire)
		if err != nil {
			return "", err
		}
		expr, typ = expr+"."+f.Go, f.Type
		if i < len(steps)-1 {
			fmt.Fprintf(&text, "if %s == nil {\n%s\n}\n", expr, otherwise)
		}
	}
	last, err := use(expr, typ)
	return text.String() + last, err
}

// id writes the function that returns the id of a row.
func (r *reader) id(item, path string) (string, error) {
	switch {
	case item == rawJSON:
		return fmt.Sprintf("return rawjson.Member(row, %q)", path), nil
	case path == "$" && item == "string":
		return "return row", nil
	}
	return r.value(item, path, func(expr, typ string) (string, error) {
		switch typ {
		case "string":
			return "return " + expr, nil
		case "int":
			return "return paging.NumberID(" + expr + ")", nil
		}
		return "", fmt.Errorf("the id %s is of type %s", path, typ)
	}, `return ""`)
}

// assignment is a statement about one field of the result.
type assignment struct {
	path string
	make func(expr, typ string) (string, error)
}

// page writes the function that turns a result into a page.
func (r *reader) page(result string, row pagingRow, item string) (string, error) {
	list := []assignment{{row.Items, assign("Items", "[]"+item, func(expr, typ string) string {
		if typ == rawJSON {
			return "rawjson.Elements(" + expr + ")"
		}
		return expr
	})}}
	add := func(path string, statement func(expr, typ string) (string, error)) {
		if path != "" {
			list = append(list, assignment{path, statement})
		}
	}
	if row.Next != row.More {
		add(row.Next, assign("Next", "string", nil))
	}
	add(row.More, assign("More", "bool", func(expr, _ string) string { return "paging.MoreOf(" + expr + ")" }))
	add(row.Total, assign("Total", "int", nil))
	add(row.Part, assign("Part", "int", nil))
	add(row.Parts, assign("Parts", "int", nil))
	add(row.End, assign("End", "int", nil))
	for name, s := range map[string]*sign{"LowerBound": row.LowerBound, "Pending": row.Pending, "Truncated": row.Truncated} {
		if s != nil {
			add(s.Path, s.statement(func(string, string) (string, error) { return "p." + name + " = true", nil }))
		}
	}
	for _, s := range row.Failure {
		add(s.Path, r.reported(result, s, func(reason string) string { return "p.Failure = paging.Reason(p.Failure, " + reason + ")" }))
	}
	for _, s := range row.Partial {
		add(s.Path, r.reported(result, s, func(reason string) string { return "p.PartialFailures = append(p.PartialFailures, " + reason + ")" }))
	}
	slices.SortStableFunc(list, func(a, b assignment) int { return strings.Compare(a.path, b.path) })
	body, err := r.tree("r", result, "", list)
	if strings.HasPrefix(result, "*") {
		// One step fewer: without a result the page is empty.
		body = strings.TrimSuffix(strings.TrimPrefix(body, "if r != nil {\n"), "}\n")
		body = "if r == nil {\nreturn p\n}\n" + body
	}
	return strings.TrimSpace(body), err
}

// assign writes an assignment to a field of the page.
func assign(field, want string, convert func(expr, typ string) string) func(expr, typ string) (string, error) {
	return func(expr, typ string) (string, error) {
		if typ != want && (typ != rawJSON || field != "Items") {
			return "", fmt.Errorf("%s is of type %s, not %s", expr, typ, want)
		}
		if convert != nil {
			expr = convert(expr, typ)
		}
		return "p." + field + " = " + expr, nil
	}
}

// statement writes a statement that runs if the sign is there.
func (s sign) statement(then func(expr, typ string) (string, error)) func(expr, typ string) (string, error) {
	return func(expr, typ string) (string, error) {
		body, err := then(expr, typ)
		if err != nil {
			return "", err
		}
		var conditions []string
		join := " || "
		switch {
		case typ == "bool":
			conditions = []string{expr}
		case len(s.Values) > 0:
			for _, v := range s.Values {
				conditions = append(conditions, expr+" == "+strconv.Quote(v))
			}
		default:
			join = " && "
			if !s.Absent {
				conditions = append(conditions, expr+` != ""`)
			}
			for _, v := range s.Except {
				conditions = append(conditions, expr+" != "+strconv.Quote(v))
			}
		}
		return "if " + strings.Join(conditions, join) + " {\n" + body + "\n}", nil
	}
}

// reported writes a statement about a failure, with the reason that stands next to its sign.
func (r *reader) reported(result string, s sign, then func(reason string) string) func(expr, typ string) (string, error) {
	return s.statement(func(expr, typ string) (string, error) {
		text := expr
		if typ != "string" {
			text = "string(" + expr + ")"
		}
		if s.Reason == "" {
			return then(text), nil
		}
		parent, _ := cutLast(s.Path)
		reasonParent, wire := cutLast(s.Reason)
		if parent != reasonParent {
			return "", errors.New("a reason has to stand next to its sign")
		}
		owner, err := r.typeAt(result, parent)
		if err != nil {
			return "", err
		}
		f, err := r.field(owner, wire)
		if err != nil {
			return "", err
		}
		return then("paging.Reason(" + expr[:strings.LastIndex(expr, ".")] + "." + f.Go + ", " + text + ")"), nil
	})
}

// cutLast splits a path before its last step.
func cutLast(path string) (parent, last string) {
	if i := strings.LastIndex(path, "."); i >= 0 {
		return path[:i], path[i+1:]
	}
	return "", path
}

// tree writes the assignments of the fields below expr, with one check for null a step.
func (r *reader) tree(expr, typ, prefix string, list []assignment) (string, error) {
	var text strings.Builder
	if strings.HasPrefix(typ, "*") {
		fmt.Fprintf(&text, "if %s != nil {\n", expr)
	}
	for i := 0; i < len(list); {
		a := list[i]
		if a.path == "$" {
			line, err := a.make(expr, typ)
			if err != nil {
				return "", err
			}
			text.WriteString(line + "\n")
			i++
			continue
		}
		step, _, nested := strings.Cut(strings.TrimPrefix(a.path, prefix), ".")
		f, err := r.field(typ, step)
		if err != nil {
			return "", err
		}
		if !nested {
			line, err := a.make(expr+"."+f.Go, f.Type)
			if err != nil {
				return "", err
			}
			text.WriteString(line + "\n")
			i++
			continue
		}
		below := prefix + step + "."
		end := i
		for end < len(list) && strings.HasPrefix(list[end].path, below) {
			end++
		}
		inner, err := r.tree(expr+"."+f.Go, f.Type, below, list[i:end])
		if err != nil {
			return "", err
		}
		text.WriteString(inner)
		i = end
	}
	if strings.HasPrefix(typ, "*") {
		text.WriteString("}\n")
	}
	return text.String(), nil
}

// slots writes the function that returns the paging arguments of an operation.
func (b *builder) slots(op *operation, row pagingRow) (string, error) {
	if op == nil || op.Args == nil {
		return "", errors.New("it has no arguments")
	}
	w := &slotWriter{reader: reader{b}, owned: map[string]string{}}
	number, cursor := row.Number, row.Cursor
	size, end := row.Limit, ""
	switch row.Strategy {
	case "page-number", "offset-limit":
		number, cursor = row.Cursor, ""
	case "range":
		number, cursor, size, end = row.Cursor, "", "", row.Limit
	}
	for _, slot := range []struct{ name, path, typ string }{
		{"Size", size, "int"}, {"Number", number, "int"}, {"End", end, "int"}, {"Cursor", cursor, "string"}, {"Query", row.Query, "string"},
	} {
		if slot.path == "" {
			continue
		}
		if err := w.add(op.Args, slot.name, slot.path, slot.typ); err != nil {
			return "", err
		}
	}
	return w.before.String() + "return paging.Slots{" + strings.Join(w.slots, ", ") + "}", nil
}

type slotWriter struct {
	reader
	before strings.Builder
	owned  map[string]string // path of an optional input: the variable with its copy
	slots  []string
}

func (w *slotWriter) add(args *goType, name, path, want string) error {
	expr, fields, walked := "args", args.Fields, ""
	steps := strings.Split(path, ".")
	for i, wire := range steps {
		j := slices.IndexFunc(fields, func(f *goField) bool { return f.Wire == wire })
		if j < 0 {
			return fmt.Errorf("there is no argument %s", path)
		}
		f := fields[j]
		expr += "." + f.Go
		if i == len(steps)-1 {
			kind := map[string]string{want: "Required", "*" + want: "Optional"}[f.Type]
			if kind == "" {
				return fmt.Errorf("the argument %s is of type %s, not %s", path, f.Type, want)
			}
			w.slots = append(w.slots, name+": paging."+kind+"(&"+expr+")")
			return nil
		}
		walked += "." + wire
		if strings.HasPrefix(f.Type, "*") {
			if w.owned[walked] == "" {
				w.owned[walked] = "own" + strconv.Itoa(len(w.owned)+1)
				fmt.Fprintf(&w.before, "%s := paging.Own(&%s)\n", w.owned[walked], expr)
			}
			expr = w.owned[walked]
		}
		k := slices.IndexFunc(w.builder.model.Types, func(t *goType) bool { return t.Go == strings.TrimPrefix(f.Type, "*") })
		if k < 0 {
			return fmt.Errorf("the argument %s leads through %s", path, f.Type)
		}
		fields = w.builder.model.Types[k].Fields
	}
	return nil
}
