package server

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// stream sends n messages of eventQuery, with so many rows each, in Apollo's legacy protocol.
func stream(w http.ResponseWriter, r *http.Request, n, rows int) error {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"graphql-ws"}})
	if err != nil {
		return err
	}
	defer func() { _ = conn.CloseNow() }() // it may be closed already
	ctx := r.Context()
	var message struct {
		ID   string `json:"id"`
		Type string `json:"type"`
	}
	for message.Type != "start" {
		if err := wsjson.Read(ctx, conn, &message); err != nil {
			return err
		}
		if message.Type == "connection_init" {
			if err := conn.Write(ctx, websocket.MessageText, []byte(`{"type":"connection_ack"}`)); err != nil {
				return err
			}
		}
	}
	text := events(message.ID, rows)
	for range n {
		if err := conn.Write(ctx, websocket.MessageText, text); err != nil {
			return err
		}
	}
	if err := conn.Write(ctx, websocket.MessageText, fmt.Appendf(nil, `{"type":"complete","id":%q}`, message.ID)); err != nil {
		return err
	}
	for err == nil { // the client's last messages
		_, _, err = conn.Read(ctx)
	}
	if closed := new(websocket.CloseError); errors.As(err, closed) || errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

const row = `{"resource_id":"event://priv:scwx.process:145831:1767366245000:5f0c1d2e-9a7b-4c35-8e1f-000000000001",` +
	`"event_time_usec":1767366245000000,"host_id":"a3f1c9","image_path":"C:\\Windows\\System32\\powershell.exe",` +
	`"commandline":"powershell.exe -NoProfile -EncodedCommand SQBFAFgA","username":"CORP\\j.doe","tenant_id":"145831"}`

// events returns a message.
func events(id string, rows int) []byte {
	list := strings.TrimSuffix(strings.Repeat(row+",", rows), ",")
	return fmt.Appendf(nil, `{"type":"data","id":%q,"payload":{"data":{"eventQuery":{"query":{"id":"q-1","status":"RUNNING","reasons":null},`+
		`"result":{"id":"r-1","type":"scwx.process","status":"RUNNING","rows":[%s]},"next":null,"prev":null}}}}`, id, list)
}
