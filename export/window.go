package export

import "time"

// Window is a span of time in whole seconds, both ends included. Windows that follow one another share
// a second: a record within it is later than the first one's end.
type Window struct{ From, To time.Time }

// step is how long the next window of a feed is, so that a window has about as many records as one
// search returns.
type step struct{ length, longest time.Duration }

const (
	firstStep    = time.Hour
	shortestStep = time.Second
)

// grow lengthens the next windows after one with few records.
func (s *step) grow(records, most int) {
	if records < most/8 {
		s.length = min(4*s.length, s.longest)
	}
}

// shrink shortens the next windows after one that has to be divided. It reports false if that is not
// possible.
func (s *step) shrink(w Window) bool {
	length := w.To.Sub(w.From)
	s.length = max(length/2, shortestStep).Truncate(time.Second)
	return length > shortestStep
}
