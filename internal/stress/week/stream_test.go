//go:build linux

package week_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// message is one of the legacy graphql-ws.
type message struct {
	ID      string `json:"id,omitempty"`
	Type    string `json:"type"`
	Payload any    `json:"payload,omitempty"`
}

// after begins the query of who has seen the messages up to a number.
const after = "after:"

// stream sends a message for each round, those that were missed first.
func (s *server) stream(w http.ResponseWriter, r *http.Request) {
	token, ok := s.accepts(r)
	if !ok {
		reject(w)
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"graphql-ws"}})
	if err != nil {
		return // it has been answered
	}
	defer func() { _ = conn.CloseNow() }()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var q question
	if !s.introduced(ctx, conn, &q) {
		return
	}
	go func() { // until the client leaves
		defer cancel()
		for {
			if _, _, err := conn.Read(ctx); err != nil {
				return
			}
		}
	}()
	var seen int
	if _, err := fmt.Sscanf(q.text("query"), after+"%d", &seen); err != nil {
		panic(err)
	}
	for {
		s.mu.Lock()
		turn, next, good := s.turn, s.next, token.good(s.now)
		s.mu.Unlock()
		if !good || s.Plan.hungUp(turn.Round) && !turn.Calm && seen == turn.Round-1 {
			return // without a word
		}
		for ; seen < turn.Round; seen++ {
			value := map[string]any{"data": map[string]any{followOperation: map[string]any{"total_done": seen + 1}}}
			if wsjson.Write(ctx, conn, message{"1", "data", value}) != nil {
				return
			}
		}
		select {
		case <-next:
		case <-ctx.Done():
			return
		}
	}
}

// introduced reads what a client wants, and reports whether it can have that.
func (s *server) introduced(ctx context.Context, conn *websocket.Conn, q *question) bool {
	var init, start struct {
		Type    string
		Payload json.RawMessage
	}
	if wsjson.Read(ctx, conn, &init) != nil || wsjson.Write(ctx, conn, message{Type: "connection_ack"}) != nil ||
		wsjson.Read(ctx, conn, &start) != nil || json.Unmarshal(start.Payload, q) != nil {
		return false
	}
	schema, err := s.emulator.Schema("/graphql")
	if err != nil {
		panic(err)
	}
	_, faults := gqlparser.LoadQueryWithRules(schema, q.Query, rules.NewDefaultRules())
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(faults) > 0 {
		s.counters.Documents++
		_ = wsjson.Write(ctx, conn, message{"1", "error", faults}) // else it is asked again
		return false
	}
	if !strings.Contains(q.Query, "total_done") {
		panic("an unexpected query: " + q.Query)
	}
	s.counters.Opened++
	return true
}
