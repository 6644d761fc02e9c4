package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"github.com/taegis-go/taegis/services/events"
)

// subscribedBare reads a subscription with coder/websocket and encoding/json.
func subscribedBare(b *bench, url string, n int) error {
	address := "ws" + strings.TrimPrefix(url, "http") + "/events/query"
	conn, _, err := websocket.Dial(b.ctx, address, &websocket.DialOptions{ //nolint:bodyclose // it is the connection's
		HTTPHeader: b.baseline(url).Header(), Subprotocols: []string{"graphql-ws", "access-token-" + b.token},
	})
	if err != nil {
		return err
	}
	defer func() { _ = conn.CloseNow() }()
	conn.SetReadLimit(256 << 20)
	if err := wsjson.Write(b.ctx, conn, map[string]any{"type": "connection_init", "payload": map[string]any{}}); err != nil {
		return err
	}
	start := map[string]any{"id": "1", "type": "start", "payload": map[string]any{"query": eventsDocument, "operationName": "eventQuery"}}
	var answer message
	for answer.Type != "complete" {
		_, text, err := conn.Read(b.ctx)
		if err != nil {
			return err
		}
		answer = message{}
		if err := json.Unmarshal(text, &answer); err != nil {
			return err
		}
		switch answer.Type {
		case "connection_ack":
			if err := wsjson.Write(b.ctx, conn, start); err != nil {
				return err
			}
		case "data":
			n -= len(answer.Payload.Data.EventQuery.Result.Rows)
		}
	}
	if err := conn.Close(websocket.StatusNormalClosure, ""); err != nil {
		return err
	}
	return complete(-n, 0)
}

// message has what the SDK's own type has, which has no unions.
type message struct {
	Type    string `json:"type"`
	Payload struct {
		Data struct {
			EventQuery events.EventQueryResults `json:"eventQuery"`
		} `json:"data"`
	} `json:"payload"`
}

var eventsDocument = fmt.Sprintf("subscription eventQuery { eventQuery(query: %q)\n%s }", "from process", events.OpEventQuerySubscription.Selection)
