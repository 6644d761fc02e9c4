//go:build linux

package week_test

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// week is how long the clock runs, however fast.
const week = 7 * 24 * time.Hour

// tenants is how many there are.
const tenants = 1000

// plan is what happens in the week. Service and server work it out by themselves, from one seed.
type plan struct {
	Seed  uint64
	Start time.Time
	// Rounds is how often the service polls, PerRound how many tenants each time.
	Rounds, PerRound int
	// Incidents is in about how many rounds requests go wrong; 0 means that nothing does all week.
	Incidents int
	// Alerts is how many a tenant has in the week, of which busy ones have more.
	Alerts int
}

// at is the time of a round. It is a little irregular, so that tokens are met at any age.
func (p plan) at(round int) time.Time {
	step := week / time.Duration(p.Rounds)
	return p.Start.Add(time.Duration(round)*step + time.Duration(p.dice(round, "clock").Int64N(int64(step))))
}

// dice decide about one thing in one round.
func (p plan) dice(round int, thing string) *rand.Rand {
	salt := uint64(len(thing))
	for _, c := range []byte(thing) {
		salt = salt*31 + uint64(c)
	}
	return rand.New(rand.NewPCG(p.Seed^salt<<32, uint64(round)))
}

// about reports whether a thing happens in a round, of those that happen so often a week.
func (p plan) about(times, round int, thing string) bool {
	return p.Incidents > 0 && round > 0 && p.dice(round, thing).IntN(p.Rounds) < times
}

// within reports whether a round is between two hours of the week.
func (p plan) within(round, from, to int) bool {
	hour := int(p.at(round).Sub(p.Start) / time.Hour)
	return p.Incidents > 0 && from <= hour && hour < to
}

// What goes wrong in addition to single requests.
func (p plan) revoked(round int) bool { return p.about(14, round, "revoked") }
func (p plan) hungUp(round int) bool  { return p.about(40, round, "hung up") }
func (p plan) peerProcess(round int) bool {
	return p.about(40, round, "peer") && !p.readOnly(round)
}

func (p plan) noLogin(round int) bool  { return p.within(round, 74, 77) || p.within(round, 122, 127) }
func (p plan) fullDisk(round int) bool { return p.within(round, 29, 33) }
func (p plan) readOnly(round int) bool { return p.within(round, 98, 102) }

// drift is the seed of the server's schema: each is met within the first tenth and again later, so
// that what is remembered of them is there when the memory is first measured. With these seeds, all
// that the service calls has to be repaired and can be.
func (p plan) drift(round int) uint64 {
	switch {
	case p.within(round, 4, 9), p.within(round, 40, 110):
		return 5
	case p.within(round, 9, 13), p.within(round, 110, 170):
		return 14
	}
	return 0
}

// fault is what goes wrong with a request.
type fault int

const (
	none       fault = iota
	failed           // 500 before anything is executed
	failedLate       // 503 after the execution
	proxied          // a page of a proxy
	limited          // 429
	dropped          // the connection ends without an answer
	lostAnswer       // the same, after the execution
	torn             // the connection ends within the answer
	slow             // an answer that takes a while
	stuck            // no answer at all
	faults
)

// slowness is what a slow answer takes.
const slowness = 20 * time.Millisecond

// faultsOf are those of the nth requests of a round.
func (p plan) faultsOf(round int) map[int]fault {
	if !p.about(p.Incidents, round, "incident") {
		return nil
	}
	dice := p.dice(round, "faults")
	all := map[int]fault{}
	for range 1 + dice.IntN(6) {
		kind := failed + fault(dice.IntN(int(stuck-failed)))
		if dice.IntN(40) == 0 {
			kind = stuck
		}
		all[dice.IntN(p.PerRound+4)] = kind
	}
	return all
}

// stuck reports whether a request of a round gets no answer. Only then is the service in a hurry:
// on a busy machine it would give up logins that go well, and the server take the next one for
// needless.
func (p plan) stuck(round int) bool {
	for _, fault := range p.faultsOf(round) {
		if fault == stuck {
			return true
		}
	}
	return false
}

// alertTimes are when the alerts of a tenant come, from the start of the week and in their order.
// Every fiftieth tenant has a bad day, with more of them at once than fit on a page.
func (p plan) alertTimes(tenant int) []time.Duration {
	dice := p.dice(tenant, "alerts")
	var times []time.Duration
	for n := range p.Alerts {
		slot := week / time.Duration(p.Alerts)
		times = append(times, time.Duration(n)*slot+time.Duration(dice.Int64N(int64(slot))))
		if tenant%50 == 0 && n == p.Alerts/2 {
			for range 3*pageSize + 7 {
				times = append(times, times[len(times)-1])
			}
		}
	}
	return times
}

// pageSize is how many alerts the service asks for.
const pageSize = 25

func tenantID(n int) string { return fmt.Sprintf("tenant-%04d", n) }

func alertID(tenant string, n int) string { return fmt.Sprintf("%s/alert-%04d", tenant, n) }

// toResolve reports whether an alert is one that the service resolves.
func toResolve(tenant, alert int) bool { return (tenant*7+alert)%5 == 0 }
