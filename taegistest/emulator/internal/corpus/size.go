package corpus

import "time"

// Size says how many records a corpus has and how they are spread over time.
type Size struct {
	Seed                                                uint64
	Tenants                                             int // children of the root tenant
	Alerts, Events, Cases, Assets, Audits, Users, Rules int
	Comments, Files                                     int // of each case, at most
	Start                                               time.Time
	Span                                                time.Duration // from Start
	Late                                                time.Duration // largest delay of a late record
	Burst                                               int           // records that share a time
}

// settle is the part of a span at whose end no record is created, so that the last ones have
// arrived when the span ends.
func (s Size) settle() time.Duration { return min(30*time.Second, s.Span/20) }

// timeline returns the times of n records of a kind.
func (s Size) timeline(kind, n int) timeline {
	return newTimeline(mix(s.Seed)+uint64(kind), s.Start, s.Span-s.settle(), n, s.Burst)
}

// arrival returns when a record that was created at a time is stored. One in ten records is late.
func (s Size) arrival(r ref, created time.Time) time.Time {
	if s.Late > 0 && r.oneIn(purposeLate, 10) {
		return created.Add(time.Duration(r.draw(purposeDelay) % uint64(s.Late)))
	}
	delay := max(s.settle()/2, 1)
	return created.Add(time.Duration(r.draw(purposeDelay) % uint64(delay)))
}
