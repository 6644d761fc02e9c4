package paging

// Slots are the positions of the paging arguments. A nil slot means that the operation lacks the
// argument.
type Slots struct {
	Size   Slot[int]    // rows of a page
	Number Slot[int]    // number of the page, offset, or start of the range
	End    Slot[int]    // end of the range
	Cursor Slot[string] // cursor, token or id of the page
	Query  Slot[string] // text in the query language, if it bounds the rows by time
}

// Slot is the position of one argument.
type Slot[V any] interface {
	// Get returns the value, and whether it is set.
	Get() (V, bool)
	Set(value V)
}

// Optional returns the slot of an optional argument.
func Optional[V any](field **V) Slot[V] { return optional[V]{field} }

// Required returns the slot of a required argument. It counts as set unless it is zero.
func Required[V comparable](field *V) Slot[V] { return required[V]{field} }

// Own replaces an optional input with a copy, or with an empty one if it is not set, and returns
// it.
func Own[V any](field **V) *V {
	var own V
	if *field != nil {
		own = **field
	}
	*field = &own
	return &own
}

type optional[V any] struct{ field **V }

func (s optional[V]) Get() (value V, set bool) {
	if *s.field == nil {
		return value, false
	}
	return **s.field, true
}

func (s optional[V]) Set(value V) { *s.field = &value }

type required[V comparable] struct{ field *V }

func (s required[V]) Get() (value V, set bool) { return *s.field, *s.field != value }

func (s required[V]) Set(value V) { *s.field = value }

// get reads a slot that may be absent.
func get[V any](s Slot[V]) (value V, set bool) {
	if s == nil {
		return value, false
	}
	return s.Get()
}

// set writes a slot that may be absent.
func set[V any](s Slot[V], value V) {
	if s != nil {
		s.Set(value)
	}
}
