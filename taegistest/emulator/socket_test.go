package emulator_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"github.com/taegis-go/taegis/taegistest/emulator"
)

func TestTheHandshakeSelectsTheProtocol(t *testing.T) {
	s := start(t, emulator.Config{})
	header := http.Header{"Authorization": {"Bearer " + token(t, s)}}
	for offer, want := range map[string]struct {
		selected, start string
		types           []string
	}{
		"graphql-ws":                      {"graphql-ws", "start", []string{"ka", "connection_ack", "ka", "data", "data", "data", "data", "complete"}},
		"graphql-transport-ws":            {"graphql-transport-ws", "subscribe", []string{"ping", "connection_ack", "next", "next", "next", "next", "complete"}},
		"graphql-transport-ws,graphql-ws": {"graphql-ws", "start", []string{"ka", "connection_ack", "ka", "data", "data", "data", "data", "complete"}},
	} {
		conn, _, err := websocket.Dial(t.Context(), s.URL+"/events/query", &websocket.DialOptions{HTTPHeader: header, Subprotocols: strings.Split(offer, ",")})
		if err != nil {
			t.Fatalf("%s: %v", offer, err)
		}
		send := func(message map[string]any) {
			if err := wsjson.Write(t.Context(), conn, message); err != nil {
				t.Fatalf("%s: %v", offer, err)
			}
		}
		send(map[string]any{"type": "connection_init"})
		send(map[string]any{"id": "1", "type": want.start, "payload": map[string]any{"query": `subscription { eventQuery(query: "FROM process | head 1") { next } }`}})
		var types []string
		for !slices.Contains(types, "complete") {
			var message struct{ Type string }
			if err := wsjson.Read(t.Context(), conn, &message); err != nil {
				t.Fatalf("%s: %v", offer, err)
			}
			types = append(types, message.Type)
		}
		if conn.Subprotocol() != want.selected || !slices.Equal(types, want.types) {
			t.Errorf("%s: %s with %v, want %+v", offer, conn.Subprotocol(), types, want)
		}
		_ = conn.CloseNow() // its server may have closed it already
	}
}
