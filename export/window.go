package export

import "time"

// Window is a span of time in whole seconds, both ends included. Windows that follow one another share
// a second: a record within it is later than the first one's end.
type Window struct{ From, To time.Time }

// step is how long the next window of a feed is, so that a window has about as many records as one
// search may return.
type step struct{ length, longest time.Duration }

// shortestStep is the shortest window.
const shortestStep = time.Second

// grow lengthens the next windows after one with few records.
func (s *step) grow(records, most int) {
	if records < most/8 {
		s.length = min(4*s.length, s.longest)
	} else if records < most/2 {
		s.length = min(s.length*3/2, s.longest)
	}
}

// shrink shortens the next windows after one that has to be divided, to what would have had half as
// many records as one search may return, if its total is known. It reports false if that is not
// possible.
func (s *step) shrink(w Window, total, most int) bool {
	length := w.To.Sub(w.From)
	s.length = length / 2
	if total > most {
		s.length = length / time.Duration(2*total/most)
	}
	s.length = max(s.length.Truncate(time.Second), shortestStep)
	return length > shortestStep
}
