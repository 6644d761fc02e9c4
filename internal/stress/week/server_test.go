//go:build linux

package week_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/taegis-go/taegis/taegistest/emulator"
)

// assignment is what the server is told when it starts.
type assignment struct {
	Plan plan
	// File is the file that the service shares with others.
	File string
}

// turn is a round that begins.
type turn struct {
	Round int
	Calm  bool
}

// counters is what the server counts.
type counters struct {
	Calls    int // that came for data
	Rejected int // for their token
	Faults   map[fault]int
	// Logins by what they were for. GivenUp are those after one whose answer the service did not
	// wait for.
	First, Due, Forced, GivenUp, Needless int
	// Revoked counts the tokens that were taken back, TurnedAway the logins while none were
	// possible.
	Revoked, TurnedAway int
	// Mutations are those that were executed, Twice the keys of those that were so more than once.
	Mutations int
	Twice     []string
	Documents int // that were refused for the schema
	Opened    int // subscriptions
	Rewrites  int // of the shared file
}

// server is Taegis for a week: the emulator logs in and judges documents, alerts come from here.
type server struct {
	assignment
	emulator *emulator.Emulator
	alerts   [][]time.Duration // by tenant

	mu       sync.Mutex
	now      time.Time
	behind   time.Duration // by how much, at most, the clock is behind the client's
	turn     turn
	next     chan struct{} // closed when the round ends
	request  int           // of this round
	faults   map[int]fault // of this round
	token    *minted       // the latest
	minted   map[string]*minted
	executed map[string]int
	answers  map[string]*answer // by document, for this drift
	searchID string             // of the emulator's, for recording polls
	counters counters
}

// serve runs the server until its input ends.
func serve(told string) error {
	s := &server{next: make(chan struct{}), minted: map[string]*minted{}, executed: map[string]int{}}
	if err := json.Unmarshal([]byte(told), &s.assignment); err != nil {
		return err
	}
	for n := range tenants {
		s.alerts = append(s.alerts, s.Plan.alertTimes(n))
	}
	s.now, s.answers, s.counters.Faults = s.Plan.Start, map[string]*answer{}, map[fault]int{}
	s.emulator = emulator.New(emulator.Config{Now: s.time, AnyTenant: true})
	defer s.emulator.Close()

	mux := http.NewServeMux()
	mux.Handle("/", s.emulator)
	mux.HandleFunc("/auth/api/v2/auth/token", s.logIn)
	mux.HandleFunc("/graphql", s.graphQL)
	mux.HandleFunc("/week/announcement", s.announce)
	mux.HandleFunc("/week/round", s.begin)
	mux.HandleFunc("/week/counts", s.account)
	mux.HandleFunc("/week/peer", s.rewrite)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = listener.Close()
	}()
	fmt.Printf("http://%s\n", listener.Addr())
	err = (&http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}).Serve(listener)
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (s *server) time() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// announce says which round the client's clock is to be set to, before the server's is.
func (s *server) announce(_ http.ResponseWriter, r *http.Request) {
	var round int
	if err := json.NewDecoder(r.Body).Decode(&round); err != nil {
		panic(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.behind = s.Plan.at(round).Sub(s.now)
}

// begin begins a round. Telling of the present one again says that nothing more goes wrong in it.
func (s *server) begin(_ http.ResponseWriter, r *http.Request) {
	var t turn
	if err := json.NewDecoder(r.Body).Decode(&t); err != nil {
		panic(err)
	}
	drift := s.Plan.drift(t.Round)
	s.mu.Lock()
	defer s.mu.Unlock()
	if drift != s.Plan.drift(s.turn.Round) {
		s.answers = map[string]*answer{}
		s.emulator.Configure(func(c *emulator.Config) { c.Drift.Seed = drift })
	}
	s.turn, s.now, s.behind, s.request, s.faults = t, s.Plan.at(t.Round), 0, 0, nil
	if !t.Calm {
		s.faults = s.Plan.faultsOf(t.Round)
		if s.Plan.revoked(t.Round) && s.token.good(s.now) {
			s.token.revoked = true
			s.counters.Revoked++
		}
	}
	close(s.next)
	s.next = make(chan struct{})
}

// logins is how many there were.
func (l *counters) logins() int { return l.First + l.Due + l.Forced + l.GivenUp + l.Needless }

func (s *server) account(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counters.Mutations, s.counters.Twice = len(s.executed), nil
	for key, times := range s.executed {
		if times > 1 {
			s.counters.Twice = append(s.counters.Twice, key)
		}
	}
	_ = json.NewEncoder(w).Encode(s.counters) // the test would miss it
}
