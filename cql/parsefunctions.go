package cql

import (
	"fmt"
	"strconv"
	"strings"
)

// isBound reports whether the token begins a bound.
func (t token) isBound() bool { return t.is("EARLIEST") || t.is("LATEST") }

// isBound reports whether a bound follows, with or without AND.
func (p *parser) isBound() bool {
	return p.token.isBound() || p.token.is("AND") && p.ahead.isBound()
}

// bound parses a bound into q.
func (p *parser) bound(q *Query) {
	p.accept("AND")
	place, name := &q.Earliest, "EARLIEST"
	if p.token.is("LATEST") {
		place, name = &q.Latest, "LATEST"
	}
	if *place != nil {
		p.failAt(p.token, name+" stands twice", "keep the narrower of the two")
		return
	}
	p.next()
	if !p.accept("=") {
		p.fail("=", "write "+name+"=-1d or "+name+"='2026-03-01T00:00:00Z'")
		return
	}
	b := &Bound{Text: p.token.value, Pos: p.token.pos}
	if p.token.kind != stringToken {
		relative, ok := parseRelative(p.token.text)
		if !ok || p.token.kind != amountToken {
			p.fail("a time", boundHint(p.lexer.text[p.token.pos.Offset:], name == "LATEST"))
			return
		}
		relative.Pos, b = b.Pos, relative
	}
	*place = b
	p.next()
}

// boundHint returns the right form of the bound at the start of rest.
func boundHint(rest string, isLatest bool) string {
	if end := strings.IndexAny(rest, " \t\r\n|,()\""); end >= 0 {
		rest = rest[:end]
	}
	if b, ok := parseRelative("-" + rest); ok {
		return "a relative time carries a minus: " + relativeText(b)
	}
	if reason, suggestion := rightBound(rest, isLatest); suggestion != boundForm {
		return reason + ": " + suggestion
	}
	return boundForm + "; units are s m h d w mo y"
}

// function parses what follows a pipe.
func (p *parser) function() Function {
	name := p.token
	switch {
	case p.accept("head"):
		return &Head{Count: p.count(), Pos: name.pos}
	case p.accept("tail"):
		return &Tail{Count: p.count(), Pos: name.pos}
	case p.accept("fields"):
		return &Fields{Fields: p.paths(), Pos: name.pos}
	case p.accept("sort"):
		return p.sort(name.pos)
	case p.accept("aggregate"):
		return p.aggregate(name.pos)
	}
	p.fail("a function", "write head, tail, sort, fields or aggregate")
	return nil
}

// count parses the number of records of head and tail.
func (p *parser) count() int {
	n, err := strconv.Atoi(p.token.text)
	if p.token.kind != amountToken || err != nil || n < 0 {
		p.fail("a number of records", "for example head 10")
		return 0
	}
	p.next()
	return n
}

// paths parses fields separated by commas.
func (p *parser) paths() []Field {
	fields := []Field{p.path()}
	for p.accept(",") {
		fields = append(fields, p.path())
	}
	return fields
}

// sort parses the keys of a sort.
func (p *parser) sort(pos Position) Function {
	s := &Sort{Pos: pos}
	for {
		if p.accept("BY") {
			p.failAt(p.before, "a field expected, not \"by\"", "write sort field, without BY")
		}
		key := SortKey{Field: p.path()}
		if !p.accept("ASC") {
			key.Descending = p.accept("DESC")
		}
		s.Keys = append(s.Keys, key)
		if !p.accept(",") {
			return s
		}
	}
}

// aggregate parses columns and groups.
func (p *parser) aggregate(pos Position) Function {
	a := &Aggregate{Pos: pos}
	for {
		a.Aggregations = append(a.Aggregations, p.aggregation())
		if !p.accept(",") {
			break
		}
	}
	if !p.accept("BY") {
		return a
	}
	if p.token.kind != amountToken {
		a.By = p.paths()
		return a
	}
	amount, unit, ok := parseSpan(p.token.text)
	if !ok || !isBucketUnit(unit) {
		p.fail("a span of time", "a number directly before s, m, h or d, for example by 6h")
		return a
	}
	a.Bucket = &Bucket{Amount: amount, Unit: unit}
	p.next()
	return a
}

// isBucketUnit reports whether aggregate takes the unit for spans of time.
func isBucketUnit(u Unit) bool { return u == Second || u == Minute || u == Hour || u == Day }

// aggregations are the functions of a column.
const aggregations = " count sum min max avg cardinality "

// isAggregation reports whether name, in lower case, is a function of a column.
func isAggregation(name string) bool {
	return isName(name) && strings.Contains(aggregations, " "+name+" ")
}

// aggregation parses a column of an aggregate.
func (p *parser) aggregation() Aggregation {
	a := Aggregation{Function: strings.ToLower(p.token.text), Pos: p.token.pos}
	if p.token.kind != wordToken || !isAggregation(a.Function) {
		p.fail("an aggregation", "write count, or count, sum, min, max, avg or cardinality with (field)")
		return a
	}
	p.next()
	if p.accept("(") {
		if p.token.is(")") || p.token.is("*") {
			p.failAt(p.token, "a field expected, not "+shown(p.token),
				"count without parentheses counts records")
		}
		a.Field = p.path()
		if !p.accept(")") {
			p.fail(")", "each aggregation takes one field")
		}
	} else if a.Function != "count" {
		p.fail("(", fmt.Sprintf("write %s(field)", a.Function))
	}
	if p.accept("AS") {
		a.As = p.token.text
		if p.token.kind != wordToken || !isColumn(a.As) {
			p.fail("a name", "a name has letters, digits and _")
		}
		p.next()
	}
	return a
}
