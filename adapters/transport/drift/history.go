package drift

import "time"

const (
	// firstTrust is how long an adaptation is used before the original operation is tried again. Each
	// further rejection doubles it, up to longestTrust.
	firstTrust   = 2 * time.Minute
	longestTrust = 4 * time.Hour
	// mixedRejections is the number of consecutive calls that servers of several versions must
	// reject before the adaptation is used at once again, because all servers may be old by then.
	// Each of these calls sends the original operation twice. If half of the servers are old, one
	// series in 1,000 is that long by chance.
	mixedRejections = 5
	// quickRejections is the number of rejected calls after which a call no longer sends the original
	// operation a second time, which another server may accept. The very first call is not sent twice
	// either, because there is no adaptation to confirm.
	quickRejections = 3
	// trialTime is how long other calls use the adaptation while one call tries the original
	// operation. A trial without a result, for example because the connection failed, is repeated
	// after that time.
	trialTime = time.Minute
	// lifetime is how long an adaptation is kept after the last rejection of the original operation.
	lifetime = 24 * time.Hour
)

// history summarizes the responses to an operation in its original form. A single rejection can
// come from one old server among many, so the adaptation is used for minutes only. If the server
// rejects the original operation repeatedly, it is tried less often.
type history struct {
	// Rejected is the time of the last rejection of the original operation. Rejections is the number
	// of consecutive calls with one.
	Rejected   time.Time `json:"rejected"`
	Rejections int       `json:"rejections"`
	// Retry is the time after which a call tries the original operation. Zero if every call does.
	Retry time.Time `json:"retry,omitzero"`
	// Mixed is set after a server accepted the original operation that another had rejected: the
	// gateway's servers have, or had, several versions.
	Mixed bool `json:"mixed,omitempty"`
}

// confirms reports whether a call sends the original operation a second time after a rejection.
func (b *history) confirms() bool { return b.Mixed || b.Rejections < quickRejections }

// reject records that a call's original operation was rejected.
func (b *history) reject(now time.Time) {
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

// accept records that the original operation was accepted.
func (b *history) accept() {
	b.Rejections, b.Retry, b.Mixed = 0, time.Time{}, true
}

// trusts reports whether calls use the adaptation at once. It returns false if the clock was set
// back.
func (b *history) trusts(now time.Time) bool {
	return !now.Before(b.Rejected) && now.Before(b.Retry)
}

// expired reports whether the history is too old, or the clock was set back.
func (b *history) expired(now time.Time) bool {
	age := now.Sub(b.Rejected)
	return age < 0 || age > lifetime || b.Retry.Sub(b.Rejected) > longestTrust
}

// worthStoring reports whether a change is to be stored for other processes. A single rejection by
// one of several servers is not.
func (b *history) worthStoring(before history) bool {
	return !before.Mixed || b.Rejections > 1 || before.Rejections > 1
}
