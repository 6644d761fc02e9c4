//go:build linux

package week_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/taegis-go/taegis/core"
)

// minted is a token that the emulator has given out.
type minted struct {
	round   int
	expires time.Time
	revoked bool
	used    bool // by a request
}

func (m *minted) good(now time.Time) bool { return m != nil && !m.revoked && now.Before(m.expires) }

// ahead is how long before its expiry a token may be refreshed, as the SDK documents it, and the
// second that the exp claim cuts off.
const ahead = 5*time.Minute + time.Second

// logIn lets the emulator give out a token, and asks what for.
func (s *server) logIn(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	down := s.Plan.noLogin(s.turn.Round) && !s.turn.Calm
	if down {
		s.counters.TurnedAway++
	}
	s.mu.Unlock()
	if down {
		http.Error(w, "down for maintenance", http.StatusServiceUnavailable)
		return
	}
	record := httptest.NewRecorder()
	s.emulator.ServeHTTP(record, r)
	var granted struct {
		Token string `json:"access_token"`
	}
	if json.Unmarshal(record.Body.Bytes(), &granted) == nil && granted.Token != "" {
		s.enter(granted.Token)
	}
	replay(w, record)
}

// enter enters a token, and what it was needed for.
func (s *server) enter(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.token == nil:
		s.counters.First++
	case s.token.revoked:
		s.counters.Forced++
	case s.now.Add(s.behind).After(s.token.expires.Add(-ahead)):
		s.counters.Due++
	case !s.token.used && s.Plan.stuck(s.token.round):
		s.counters.GivenUp++
	default:
		s.counters.Needless++
	}
	s.token = &minted{round: s.turn.Round, expires: core.NewToken(text, s.now).Expiry}
	s.minted[text] = s.token
}

// accepts reports whether a request brings a token that is good, which it keeps.
func (s *server) accepts(r *http.Request) (*minted, bool) {
	text := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.minted[text]
	if !m.good(s.now) {
		s.counters.Rejected++
		return nil, false
	}
	m.used = true
	return m, true
}

func reject(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusUnauthorized)
	_, _ = w.Write([]byte(`{"message":"the access token is missing, expired or revoked"}`)) // the reader may be gone
}

// replay sends a recorded answer.
func replay(w http.ResponseWriter, record *httptest.ResponseRecorder) {
	maps.Copy(w.Header(), record.Header())
	w.WriteHeader(record.Code)
	_, _ = w.Write(record.Body.Bytes()) // as above
}
