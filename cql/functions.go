package cql

// Function is a step after a pipe: a [*Head], [*Tail], [*Fields], [*Sort] or [*Aggregate]. It
// applies to each event type separately.
type Function interface {
	// Position returns the place of the function's name.
	Position() Position
	isFunction()
}

// Head keeps the first records of each type, in the order of the search.
type Head struct {
	Count int
	Pos   Position
}

// Tail keeps the last records of each type, in reverse order.
type Tail struct {
	Count int
	Pos   Position
}

// Fields keeps the named fields.
type Fields struct {
	Fields []Field
	Pos    Position
}

// Sort orders records by its keys; the first key takes precedence.
type Sort struct {
	Keys []SortKey
	Pos  Position
}

// SortKey is a field to sort by, ascending unless Descending is set.
type SortKey struct {
	Field      Field
	Descending bool
}

// Aggregate computes one row for each group of records.
type Aggregate struct {
	Aggregations []Aggregation
	// By are the fields by which records are grouped. If By is empty and Bucket is nil, all records
	// are one group.
	By []Field
	// Bucket groups by spans of time; By is empty then.
	Bucket *Bucket
	Pos    Position
}

// Aggregation is a column of an aggregate.
type Aggregation struct {
	// Function is count, sum, min, max, avg or cardinality, in lower case.
	Function string
	// Field is the argument. Its name is empty for a count of records.
	Field Field
	// As names the column; it may be empty. See [Aggregation.Column].
	As  string
	Pos Position
}

// Column returns the name of the column: As, or else the function with its field, for example
// "sum(tx_byte_count)".
func (a Aggregation) Column() string {
	switch {
	case a.As != "":
		return a.As
	case a.Field.Name == "":
		return a.Function
	}
	return a.Function + "(" + a.Field.String() + ")"
}

// Bucket is a span of time to group by, in seconds, minutes, hours or days.
type Bucket struct {
	Amount int
	Unit   Unit
}

func (*Head) isFunction()      {}
func (*Tail) isFunction()      {}
func (*Fields) isFunction()    {}
func (*Sort) isFunction()      {}
func (*Aggregate) isFunction() {}

// Position returns the place of the function's name.
func (f *Head) Position() Position { return f.Pos }

// Position returns the place of the function's name.
func (f *Tail) Position() Position { return f.Pos }

// Position returns the place of the function's name.
func (f *Fields) Position() Position { return f.Pos }

// Position returns the place of the function's name.
func (f *Sort) Position() Position { return f.Pos }

// Position returns the place of the function's name.
func (f *Aggregate) Position() Position { return f.Pos }
