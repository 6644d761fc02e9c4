package servers_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/internal/stress"

	"github.com/taegis-go/taegis/taegistest/emulator"
)

// sequenceVariable repeats one sequence alone, by its number; $TAEGIS_STRESS_SEED has to be that of
// the run.
const sequenceVariable = "TAEGIS_STRESS_SEQUENCE"

// sequence is what one client does, one step after the other.
type sequence struct {
	way    way
	server func(*emulator.Config)
	steps  []step
}

// step is an act, with what goes wrong meanwhile.
type step struct {
	place
	limit   time.Duration
	pause   time.Duration // before it
	revoked bool          // all tokens are, before it
	faults  []planned
	cleared bool // the faults are, after it
}

type planned struct {
	route string
	name  string
	fault emulator.Fault
}

// draw returns the sequence of a number.
func (c *chaos) draw(number uint64) sequence {
	random := rand.New(rand.NewPCG(c.seed, number))
	s := sequence{way: ways[random.IntN(len(ways))]}
	rejectInBand, noSubprotocol, transportWS, poll := random.IntN(2) == 0, random.IntN(4) == 0, random.IntN(4) == 0, random.IntN(2) == 0
	expiry, life := emulator.ExpiryFormat(random.IntN(3)), []time.Duration{time.Hour, 15 * time.Minute, 30 * time.Second}[random.IntN(3)]
	s.server = func(c *emulator.Config) {
		c.RejectInBand, c.NoSubprotocol, c.TransportWS, c.Device.Poll = rejectInBand, noSubprotocol, transportWS, poll
		c.Expiry, c.TokenLifetime = expiry, life
	}
	for range 2 + random.IntN(5) {
		s.steps = append(s.steps, c.drawStep(random, s.way))
	}
	return s
}

// drawStep returns a step for a client that logs in in one way. Each third is a mutation.
func (c *chaos) drawStep(random *rand.Rand, w way) step {
	mutates := random.IntN(3) == 0
	var p place
	for p.route == "" || p.way.fusion != w.fusion || !p.calls && p.way.name != w.name || mutates != (p.operation != "") {
		p = c.places[random.IntN(len(c.places))]
	}
	s := step{place: p, limit: c.network.limit(random), revoked: random.IntN(8) == 0, cleared: random.IntN(4) > 0}
	if c.network == memory && random.IntN(4) == 0 {
		s.pause = time.Duration(random.Int64N(int64(30 * time.Minute)))
	}
	routes := append([]string{"", p.route, p.route, p.route, tokenRoute}, p.messages...)
	for range random.IntN(4) {
		d := disturbances[random.IntN(len(disturbances))]
		fault := d.fault
		fault.Times = random.IntN(4)
		if random.IntN(4) == 0 {
			fault.Delay += time.Duration(random.Int64N(int64(2 * s.limit)))
		}
		s.faults = append(s.faults, planned{routes[random.IntN(len(routes))], d.name, fault})
	}
	return s
}

// limit is how much time a call has. Over TCP that is real time.
func (n network) limit(random *rand.Rand) time.Duration {
	if n == loopback {
		return time.Duration(1+random.IntN(10)) * 10 * time.Millisecond
	}
	return []time.Duration{50 * time.Millisecond, time.Second, 10 * time.Second, 3 * time.Minute}[random.IntN(4)]
}

// play has a client go through a sequence, and returns the promises that this breaks, by step.
func (w *env) play(t testing.TB, s sequence, j *verdict) []string {
	w.prepare(act{way: s.way})
	w.Configure(s.server)
	v := w.enter(s.way)
	var all []string
	for i, step := range s.steps {
		time.Sleep(step.pause) // which is no time in a bubble, and zero elsewhere
		if step.revoked {
			w.RevokeAll()
		}
		for _, p := range step.faults {
			w.AddFault(p.route, p.fault)
		}
		for _, broken := range j.perform(t, v, step.act, step.expected, step.limit, false) {
			all = append(all, fmt.Sprintf("step %d: %s", i+1, broken))
		}
		if step.cleared {
			w.ClearFaults()
		}
	}
	return append(all, j.leave(v)...)
}

// String tells a sequence as it has to be repeated.
func (s sequence) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "log in by %s", s.way.name)
	for i, step := range s.steps {
		fmt.Fprintf(&b, "\n\t%d. %s, in %v", i+1, step.name, step.limit)
		if step.pause > 0 {
			fmt.Fprintf(&b, ", after %v", step.pause)
		}
		if step.revoked {
			b.WriteString(", all tokens revoked")
		}
		for _, p := range step.faults {
			fmt.Fprintf(&b, "\n\t\t%q %s, %d times, %v later", p.route, p.name, p.fault.Times, p.fault.Delay)
		}
		if !step.cleared && len(step.faults) > 0 {
			b.WriteString("\n\t\tand the faults stay")
		}
	}
	return b.String()
}

// parts is into how many parts a run is divided. After each, nothing of servers and clients is
// left, and what the process holds is compared with that after the first.
const parts = 10

// chaos plays so many sequences, so many at once.
type chaos struct {
	network network
	seed    uint64
	count   int
	at      int // once
	places  []place
	checked verdict
	steps   int
}

// run plays a part of the sequences.
func (c *chaos) run(t *testing.T, part int) {
	queue := make(chan uint64, c.count)
	for n := part * c.count / parts; n < (part+1)*c.count/parts; n++ {
		queue <- uint64(n)
	}
	close(queue)
	var working sync.WaitGroup
	for range c.at {
		working.Go(func() {
			w := newEnv(t, c.network)
			defer w.end()
			for n := range queue {
				c.one(t, w, n)
			}
		})
	}
	working.Wait()
}

// one plays the sequence of a number.
func (c *chaos) one(t *testing.T, w *env, number uint64) {
	s := c.draw(number)
	c.checked.mu.Lock()
	c.steps += len(s.steps)
	c.checked.mu.Unlock()
	if broken := w.play(t, s, &c.checked); len(broken) > 0 {
		t.Errorf("TAEGIS_STRESS_SEED=%d %s=%d: %s\n%s\n", c.seed, sequenceVariable, number, s, strings.Join(broken, "\n"))
	}
}

// TestSequencesOfFaults has clients go through random sequences of calls and faults, in which hours
// pass.
func TestSequencesOfFaults(t *testing.T) {
	testSequences(t, &chaos{network: memory, count: stress.Scale(50, 1000, 10_000), at: stress.Scale(1, 4, 16)},
		func(t *testing.T, part func(*testing.T)) { synctest.Test(t, part) })
}

// TestSequencesOverTCP is the same with real connections and in real time.
func TestSequencesOverTCP(t *testing.T) {
	testSequences(t, &chaos{network: loopback, count: stress.Scale(10, 300, 3000), at: stress.Scale(1, 16, 16)},
		func(t *testing.T, part func(*testing.T)) { part(t) })
}

func testSequences(t *testing.T, c *chaos, around func(*testing.T, func(*testing.T))) {
	t.Helper()
	alone(t)
	c.seed = stress.Seed(t)
	synctest.Test(t, func(t *testing.T) {
		w := newEnv(t, memory)
		defer w.end()
		c.places = w.places(t)
	})
	if text := os.Getenv(sequenceVariable); text != "" {
		number, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		around(t, func(t *testing.T) { c.alone(t, number) })
		return
	}
	var first, last footprint
	for part := range parts {
		around(t, func(t *testing.T) { c.run(t, part) })
		if last = takeFootprint(t, first); part == 0 {
			first = last
		}
	}
	stress.Report(t, stress.Servers, fmt.Sprintf("random sequences of calls and faults, %s", c.network),
		promise+"; heap, goroutines and descriptors as after the first tenth",
		"%d sequences, %d calls: %v; from %v to %v", c.count, c.steps, &c.checked, first, last)
	c.checked.check(t)
	last.wantLike(t, first)
}

// alone plays one sequence, with a place to see what becomes of it.
func (c *chaos) alone(t *testing.T, number uint64) {
	w := newEnv(t, c.network)
	defer w.end()
	t.Log(c.draw(number))
	c.one(t, w, number)
	for _, r := range w.Requests() {
		t.Logf("%s %s %s %v: %d after %v", r.Time.Format(time.TimeOnly), r.Method, r.Path, r.Operations, r.Status, r.Duration)
	}
}
