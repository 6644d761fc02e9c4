package corpus

import "time"

// timeline gives n records times that grow with their index. Records of one burst share a time.
type timeline struct {
	seed  uint64
	start time.Time
	width time.Duration // of the slot of a burst
	n     int
	burst int
}

func newTimeline(seed uint64, start time.Time, span time.Duration, n, burst int) timeline {
	slots := max((n+burst-1)/burst, 1)
	width := max(span/time.Duration(slots), 1)
	return timeline{seed: seed, start: start, width: width, n: n, burst: burst}
}

// at returns the time of a record.
func (t timeline) at(index int) time.Time {
	slot := index / t.burst
	jitter := newRef(t.seed, kindTime, slot).draw(purposeTime) % uint64(t.width)
	return t.start.Add(time.Duration(slot)*t.width + time.Duration(jitter))
}

// window returns the records from first to end, exclusive, that contain all those with a time
// from earliest to latest, and at most two bursts more.
func (t timeline) window(earliest, latest time.Time) (first, end int) {
	if latest.Before(earliest) || t.n == 0 {
		return 0, 0
	}
	first = t.slot(earliest) * t.burst
	end = (t.slot(latest) + 1) * t.burst
	return min(max(first, 0), t.n), min(max(end, 0), t.n)
}

// slot returns the slot of a time, -1 for a time before the start.
func (t timeline) slot(at time.Time) int {
	if at.Before(t.start) {
		return -1
	}
	return int(min(at.Sub(t.start)/t.width, time.Duration(t.n)))
}
