package transport_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"github.com/taegis-go/taegis/core"
)

// asked is what a request asks.
type asked struct {
	Query         string                     `json:"query"`
	OperationName string                     `json:"operationName"`
	Variables     map[string]json.RawMessage `json:"variables"`
}

// serve starts a server on loopback, and returns the environment that it is.
func serve(t testing.TB, handler http.HandlerFunc) core.Environment {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return environment(t, server.URL)
}

func environment(t testing.TB, url string) core.Environment {
	t.Helper()
	env, err := core.NewEnvironment("loopback", url)
	if err != nil {
		t.Fatal(err)
	}
	return env
}

// answering is a handler that gives one answer.
func answering(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// greet is a request of an operation of that kind.
func greet(env core.Environment, kind core.OperationKind) *core.Request {
	return &core.Request{
		Operation: &core.Operation{
			Name: "greet", Kind: kind, Selection: "{ text }",
			Arguments: []core.Argument{{Name: "name", Type: "String!"}, {Name: "clientSecret", Type: "String"}, {Name: "id", Type: "ID", Inline: true}},
		},
		Args:        map[string]any{"name": "ann"},
		Environment: env,
		Token:       core.NewSecret(canary),
		Tenant:      "145831",
	}
}

// canary is a token, to be searched for in what must not show it.
const canary = "canary.to.ken"

// record returns a logger at debug level, and what it has written.
func record() (*slog.Logger, func() string) {
	var log lockedBuffer
	return slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug - 4})), log.String
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// peer is the server's side of a WebSocket.
type peer struct {
	testing.TB
	conn    *websocket.Conn
	request *http.Request
}

// socket returns a handler that opens a WebSocket, selects the subprotocol, and talks.
func socket(t testing.TB, subprotocol string, talk func(*peer)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if subprotocol != "" {
			w.Header().Set("Sec-WebSocket-Protocol", subprotocol) // unasked for, if need be
		}
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.CloseNow()
		talk(&peer{t, conn, r})
	}
}

type said struct {
	ID, Type string
	Payload  asked
}

// read reads a message; its type is empty when the client has gone.
func (p *peer) read() (m said) {
	_, text, err := p.conn.Read(p.request.Context())
	if err == nil && json.Unmarshal(text, &m) != nil {
		p.Errorf("heard %s", text)
	}
	return m
}

// want reads a message of that type.
func (p *peer) want(kind string) said {
	m := p.read()
	if m.Type != kind {
		p.Errorf("heard %q, want %q", m.Type, kind)
	}
	return m
}

func (p *peer) say(messages ...string) {
	for _, m := range messages {
		_ = p.conn.Write(p.request.Context(), websocket.MessageText, []byte(m)) // the client may have gone
	}
}

// drain reads until the client has gone, and returns the types of what it said.
func (p *peer) drain() (types []string) {
	for {
		m := p.read()
		if m.Type == "" {
			return types
		}
		types = append(types, m.Type)
	}
}
