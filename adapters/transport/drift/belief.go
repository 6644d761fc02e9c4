package drift

import "time"

const (
	// firstTrust is how long an adaptation is used before the whole operation is tried again. Each
	// further refusal doubles it, up to longestTrust.
	firstTrust   = 2 * time.Minute
	longestTrust = 4 * time.Hour
	// mixedRejections is for how many calls in a row servers of several versions have to refuse the
	// whole operation, which each call sends twice, before the adaptation is used at once again: all
	// of them may be old by now. If half of them are, one row in 1,000 is that long by chance.
	mixedRejections = 5
	// quickRejections is how many calls have to be refused before a refusal is trusted without asking
	// a second time, which another server may answer. Only the first call, which has nothing to
	// confirm, is not sent twice.
	quickRejections = 3
	// trialTime is how long other calls use the adaptation while one tries the whole operation. A
	// trial that proves nothing, for example for lack of a connection, is repeated after that time.
	trialTime = time.Minute
	// lifetime is how long an adaptation is remembered after the last refusal of the whole operation.
	lifetime = 24 * time.Hour
)

// belief is what the answers so far show about an operation as it was written. One refusal can come
// from one old server among many, so it is trusted for minutes. Only if the whole operation is
// refused again and again, it is tried more rarely.
type belief struct {
	// Rejected is when the whole operation was last refused, and Refusals for how many calls in a row.
	Rejected   time.Time `json:"refused"`
	Rejections int       `json:"refusals"`
	// Retry is when the whole operation is tried again. It is zero if every call tries it.
	Retry time.Time `json:"retry,omitzero"`
	// Mixed reports that the whole operation was accepted after a refusal: the gateway's servers
	// have several versions, or had for a while.
	Mixed bool `json:"mixed,omitempty"`
}

// asksTwice reports whether a call whose whole operation is refused sends it once more.
func (b *belief) asksTwice() bool { return b.Mixed || b.Rejections < quickRejections }

// reject notes that the whole operation of a call was refused.
func (b *belief) reject(now time.Time) {
	b.Rejected = now
	b.Rejections++
	doublings := b.Rejections - 1
	if b.Mixed {
		doublings = b.Rejections - mixedRejections
	}
	if doublings < 0 {
		b.Retry = time.Time{}
		return
	}
	b.Retry = now.Add(min(longestTrust, firstTrust<<min(doublings, 10)))
}

// accept notes that the whole operation was accepted.
func (b *belief) accept() {
	b.Rejections, b.Retry, b.Mixed = 0, time.Time{}, true
}

// trusts reports whether the adaptation is to be used at once. A clock that was set back ends that.
func (b *belief) trusts(now time.Time) bool {
	return !now.Before(b.Rejected) && now.Before(b.Retry)
}

// over reports whether too much time has passed to know anything, or the clock was set back.
func (b *belief) over(now time.Time) bool {
	age := now.Sub(b.Rejected)
	return age < 0 || age > lifetime || b.Retry.Sub(b.Rejected) > longestTrust
}

// isNews reports whether other processes should know of a change. That one of several servers
// refused one call is not worth a file.
func (b *belief) isNews(before belief) bool {
	return !before.Mixed || b.Rejections > 1 || before.Rejections > 1
}
