package cql

import "reflect"

// Equal reports whether q and other are the same tree. Positions and [Value.Source] do not count.
func (q *Query) Equal(other *Query) bool {
	return reflect.DeepEqual(q.WithoutPositions(), other.WithoutPositions())
}

// WithoutPositions returns a deep copy of the tree without positions and [Value.Source], so that
// reflect.DeepEqual compares only the meaning of queries.
func (q *Query) WithoutPositions() *Query {
	if q == nil {
		return nil
	}
	return q.clone(func(Position) Position { return Position{} }, func(string) string { return "" })
}

// clone returns a copy that shares nothing with q, with its positions and sources changed.
func (q *Query) clone(pos func(Position) Position, source func(string) string) *Query {
	c := cloner{pos: pos, source: source}
	out := &Query{Where: c.expr(q.Where), Earliest: c.bound(q.Earliest), Latest: c.bound(q.Latest)}
	for _, t := range q.Types {
		out.Types = append(out.Types, TypeName{Name: t.Name, Pos: pos(t.Pos)})
	}
	for _, f := range q.Functions {
		out.Functions = append(out.Functions, c.function(f))
	}
	return out
}

// Clone returns a deep copy of the tree.
func (q *Query) Clone() *Query {
	return q.clone(samePosition, sameSource)
}

func samePosition(p Position) Position { return p }
func sameSource(s string) string       { return s }

type cloner struct {
	pos    func(Position) Position
	source func(string) string
}

func (c cloner) expr(e Expr) Expr {
	switch e := e.(type) {
	case *AndExpr:
		return &AndExpr{Operands: c.exprs(e.Operands)}
	case *OrExpr:
		return &OrExpr{Operands: c.exprs(e.Operands)}
	case *NullCheck:
		return &NullCheck{Field: c.field(e.Field), Not: e.Not}
	case *Comparison:
		out := &Comparison{Field: c.field(e.Field), Operator: e.Operator}
		for _, v := range e.Values {
			out.Values = append(out.Values,
				Value{Kind: v.Kind, Text: v.Text, Source: c.source(v.Source), Pos: c.pos(v.Pos)})
		}
		return out
	}
	return nil
}

func (c cloner) exprs(list []Expr) (out []Expr) {
	for _, e := range list {
		out = append(out, c.expr(e))
	}
	return out
}

func (c cloner) field(f Field) Field {
	f.Pos = c.pos(f.Pos)
	return f
}

func (c cloner) fields(list []Field) (out []Field) {
	for _, f := range list {
		out = append(out, c.field(f))
	}
	return out
}

func (c cloner) bound(b *Bound) *Bound {
	if b == nil {
		return nil
	}
	out := *b
	out.Pos = c.pos(b.Pos)
	return &out
}

func (c cloner) function(f Function) Function {
	switch f := f.(type) {
	case *Head:
		return &Head{Count: f.Count, Pos: c.pos(f.Pos)}
	case *Tail:
		return &Tail{Count: f.Count, Pos: c.pos(f.Pos)}
	case *Fields:
		return &Fields{Fields: c.fields(f.Fields), Pos: c.pos(f.Pos)}
	case *Sort:
		out := &Sort{Pos: c.pos(f.Pos)}
		for _, key := range f.Keys {
			out.Keys = append(out.Keys, SortKey{Field: c.field(key.Field), Descending: key.Descending})
		}
		return out
	case *Aggregate:
		out := &Aggregate{By: c.fields(f.By), Pos: c.pos(f.Pos)}
		for _, a := range f.Aggregations {
			a.Field, a.Pos = c.field(a.Field), c.pos(a.Pos)
			out.Aggregations = append(out.Aggregations, a)
		}
		if f.Bucket != nil {
			bucket := *f.Bucket
			out.Bucket = &bucket
		}
		return out
	}
	return nil
}
