package transport_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
)

// How a server ends after its last message.
const (
	closes      = iota // as it should
	rejects            // with the code of a token that is not accepted
	breaks             // the connection
	babbles            // bytes that are no frame
	stays              // silent, but answers pings
	neverReads         // silent, and reads nothing
	endingCount        // how many endings there are
)

// subprotocols are what a server may select, asked or not.
var subprotocols = []string{"graphql-ws", "graphql-transport-ws", "", "other, graphql-ws"}

// conversation is what a server does once the WebSocket is open.
type conversation struct {
	messages [][]byte
	ending   int
}

// FuzzSubscriptionMessages has a server say anything, in either protocol and in none. What is
// yielded is what it said, in order; then the subscription ends, within its time and with nothing
// left behind, on a clock that stands still while anything can go on.
func FuzzSubscriptionMessages(f *testing.F) {
	next := bytes.ReplaceAll([]byte(data(`1`)), []byte(`"data",`), []byte(`"next",`))
	lines := [][]byte{[]byte(ack), []byte(ka), []byte(data(`{"text":"hello"}`)), next, []byte(complete)}
	for _, line := range []string{
		`{"type":"ping"}`, `{"type":"pong"}`, `{"type":"error","payload":[{"message":"canary.to.ken"}]}`, `{"type":"error","payload":{"message":"UNAUTHENTICATED: no"}}`,
		`{"type":"connection_error"}`, `{"type":"connection_error","payload":"x"}`, `{`, ``, `null`, `[]`, `7`, `{"type":7}`, `{"type":"unheard of"}`, `{"type":"data"}`,
		`{"type":"data","payload":null}`, `{"type":"data","payload":{"data":{"greet":null},"errors":[{"message":"half","path":["canary.to.ken"]}]}}`,
		`{"type":"data","payload":{"data":null,"errors":[{"message":"x","extensions":{"code":"UNAUTHENTICATED"}}]}}`, `{"type":"data","payload":{"data":{"greet":[1,2]}}}`,
	} {
		lines = append(lines, []byte(line))
	}
	for i, line := range lines {
		greeting := bytes.Join([][]byte{lines[1], lines[0], lines[2], line, lines[2+i%2], lines[4]}, []byte("\n"))
		f.Add(uint8(i), greeting, uint8(i), uint8(i%5))
		f.Add(uint8(0), bytes.Join([][]byte{line, lines[0], line}, []byte("\n")), uint8(i), uint8(9))
	}
	f.Fuzz(func(t *testing.T, selected uint8, script []byte, ending, stop uint8) {
		c := conversation{bytes.Split(script, []byte("\n")), int(ending) % endingCount}
		if len(c.messages) > 64 {
			return
		}
		synctest.Test(t, func(t *testing.T) { listen(t, subprotocols[int(selected)%len(subprotocols)], c, 1+int(stop)) })
	})
}

// listen subscribes at a server that holds the conversation, and takes at most so many values.
func listen(t *testing.T, subprotocol string, c conversation, most int) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	here, far := net.Pipe()
	there := &ear{Conn: far, deaf: make(chan struct{}), gone: make(chan struct{})}
	defer close(there.gone)
	serveConversation(t, there, subprotocol, c)
	client := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return here, nil }}}
	defer client.CloseIdleConnections()
	req := greet(environment(t, "http://localhost"), core.KindSubscription)
	want, completed := expect(c, req.Operation.Name)
	begin, count := time.Now(), 0
	var last error
	for value, err := range (&transport.HTTP{Client: client, KeepAlive: 30 * time.Second}).Subscribe(ctx, req) {
		notShown(t, err)
		if last = err; value == nil {
			break
		}
		if count == len(want) || !want[count].once {
			if count < len(want) {
				return // it is not judged
			}
			t.Fatalf("a value too many: %s", value)
		}
		if !sameJSON(value, want[count].value) || (err != nil) != want[count].fails {
			t.Fatalf("value %d is %s, %v, want %s, an error: %v", count, value, err, want[count].value, want[count].fails)
		}
		if count++; count == most {
			return
		}
	}
	if c.ending < babbles && count < len(want) && want[count].once {
		t.Fatalf("%d values of %d, and the error %v", count, len(want), last)
	}
	_, isAnswer := errors.AsType[*core.ResponseError](last)
	_, isConnection := errors.AsType[*core.ConnectionError](last)
	if completed && last != nil && count == len(want) && c.ending < babbles && len(want) > 0 && !want[len(want)-1].fails || last != nil && !isAnswer && !isConnection {
		t.Fatalf("error %v (%T) at the end", last, last)
	}
	if took := time.Since(begin); c.ending != stays && took > 3*time.Minute {
		t.Fatalf("it took %v", took)
	}
}

// decided is a value that a subscription is to yield.
type decided struct {
	verdict
	once bool // the message can be judged
}

// expect returns what comes of a conversation, and whether it ends as it should. Its messages are
// read by encoding/json; those with a member twice are not judged.
func expect(c conversation, name string) (values []decided, completed bool) {
	acknowledged, flowing := false, false
	for _, text := range c.messages {
		m, usable := parse(text)
		if !usable {
			return values, false
		}
		ours := m.id == "" || m.id == "1"
		fails := m.kind == "connection_error" || m.kind == "error" && (ours || !acknowledged) || m.kind == "" && m.hasMessage
		switch {
		case fails, !acknowledged && ours && m.kind == "complete":
			return values, false
		case !acknowledged:
			acknowledged = m.kind == "connection_ack"
		case !ours:
		case m.kind == "data", m.kind == "next":
			v, once := decide(http.StatusOK, m.payload, name)
			if len(m.payload) == 0 || m.payload[0] != '{' || v.rejected && !flowing {
				return values, false
			}
			flowing = flowing || v.value != nil
			if v.value == nil {
				v.value = json.RawMessage("null")
			}
			if values = append(values, decided{v, once}); !once {
				return values, false
			}
		case m.kind == "complete":
			return values, true
		}
	}
	return values, false
}

// parsed is a message in the eyes of encoding/json.
type parsed struct {
	id, kind   string
	payload    json.RawMessage
	hasMessage bool // without a type
}

func parse(text []byte) (m parsed, usable bool) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if len(bytes.TrimSpace(text)) == 0 || string(bytes.TrimSpace(text)) == "null" {
		return m, true
	}
	all := map[string]json.RawMessage{}
	if json.Unmarshal(text, &all) != nil {
		return m, false
	}
	_ = json.Unmarshal(all["type"], &m.kind) // or it has none
	if m.payload = all["payload"]; string(m.payload) == "null" {
		m.payload = nil
	}
	var id any
	_ = json.Unmarshal(all["id"], &id) // or it has none
	switch id := id.(type) {
	case nil:
	case string:
		m.id = id
	case float64:
		m.id = strconv.FormatFloat(id, 'f', -1, 64)
	default:
		m.id = "of another"
	}
	for _, name := range []string{"errors", "error", "message"} {
		value, there := all[name]
		m.hasMessage = m.hasMessage || there && string(value) != "null"
	}
	return m, true
}

// serveConversation serves one connection. It ends with the connection.
func serveConversation(t *testing.T, conn *ear, subprotocol string, c conversation) {
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subprotocol != "" {
			w.Header().Set("Sec-WebSocket-Protocol", subprotocol)
		}
		socket, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer socket.CloseNow()
		c.hold(socket, conn)
	})}
	listener := &once{conn: make(chan net.Conn, 1), closed: make(chan struct{})}
	listener.conn <- conn
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
}

// hold says the messages while it hears what the client says, and ends.
func (c conversation) hold(socket *websocket.Conn, conn *ear) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	heard := make(chan struct{})
	defer func() { <-heard }()
	go func() {
		defer close(heard)
		for {
			if _, _, err := socket.Read(ctx); err != nil {
				return
			}
		}
	}()
	for _, m := range c.messages {
		if socket.Write(ctx, websocket.MessageText, m) != nil {
			return // the client has gone
		}
	}
	switch c.ending {
	case closes:
		_ = socket.Close(websocket.StatusNormalClosure, canary)
	case rejects:
		_ = socket.Close(4401, "Unauthorized")
	case babbles:
		_, _ = conn.Write([]byte("\xff\xff babble"))
		_ = socket.CloseNow()
	case neverReads:
		close(conn.deaf)
		<-heard
	case stays:
		<-heard
	default:
		_ = socket.CloseNow()
	}
}

// ear is the server's end of a connection, which can go deaf.
type ear struct {
	net.Conn
	deaf, gone chan struct{}
}

func (e *ear) Read(p []byte) (int, error) {
	n, err := e.Conn.Read(p)
	select {
	case <-e.deaf:
		<-e.gone
		return 0, net.ErrClosed
	default:
		return n, err
	}
}

// once is a listener with one connection.
type once struct {
	conn   chan net.Conn
	closed chan struct{}
}

func (l *once) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conn:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *once) Close() error   { close(l.closed); return nil }
func (l *once) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "unix"} }
