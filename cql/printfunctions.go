package cql

import (
	"strconv"

	"github.com/taegis-go/taegis/internal/text"
)

func (p *printer) function(f Function) {
	switch f := f.(type) {
	case *Head:
		p.b.WriteString("head ")
		p.count(f.Count)
	case *Tail:
		p.b.WriteString("tail ")
		p.count(f.Count)
	case *Fields:
		p.b.WriteString("fields ")
		p.paths(f.Fields)
	case *Sort:
		p.sort(f)
	case *Aggregate:
		p.aggregate(f)
	default:
		p.invalid("a function is nil")
	}
}

func (p *printer) count(n int) {
	if n < 0 {
		p.invalid("%d is not a number of records", n)
		return
	}
	p.b.WriteString(strconv.Itoa(n))
}

func (p *printer) paths(fields []Field) {
	if len(fields) == 0 {
		p.invalid("a list of fields is empty")
	}
	for i, f := range fields {
		p.comma(i)
		p.field(f, false)
	}
}

func (p *printer) comma(i int) {
	if i > 0 {
		p.b.WriteString(", ")
	}
}

func (p *printer) sort(s *Sort) {
	p.b.WriteString("sort ")
	if len(s.Keys) == 0 {
		p.invalid("sort has no field")
	}
	for i, key := range s.Keys {
		p.comma(i)
		p.field(key.Field, false)
		if key.Descending {
			p.b.WriteString(" DESC")
		}
	}
}

func (p *printer) aggregate(a *Aggregate) {
	p.b.WriteString("aggregate ")
	if len(a.Aggregations) == 0 {
		p.invalid("aggregate has no column")
	}
	for i, column := range a.Aggregations {
		p.comma(i)
		p.aggregation(column)
	}
	switch {
	case a.Bucket != nil && len(a.By) > 0:
		p.invalid("aggregate has fields and spans of time to group by")
	case a.Bucket != nil && (a.Bucket.Amount < 0 || !isBucketUnit(a.Bucket.Unit)):
		p.invalid("aggregate has no span of time to group by")
	case a.Bucket != nil:
		p.b.WriteString(" BY " + strconv.Itoa(a.Bucket.Amount) + string(a.Bucket.Unit))
	case len(a.By) > 0:
		p.b.WriteString(" BY ")
		p.paths(a.By)
	}
}

func (p *printer) aggregation(a Aggregation) {
	switch {
	case !isAggregation(a.Function), a.Function != "count" && a.Field.Name == "":
		p.invalid("%q is not an aggregation", text.Short(a.Column(), 40))
		return
	case a.As != "" && !isColumn(a.As):
		p.invalid("%q is not a name", text.Short(a.As, 40))
		return
	}
	p.b.WriteString(a.Function)
	if a.Field.Name != "" {
		p.b.WriteByte('(')
		p.field(a.Field, false)
		p.b.WriteByte(')')
	}
	if a.As != "" {
		p.b.WriteString(" AS " + a.As)
	}
}
