package emulator_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// asked returns a request of the default gateway as a client sends it.
func asked(t *testing.T, s *emulator.Server, query string) *http.Request {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	r := request(t, http.MethodPost, s.URL+gateway, "application/json", string(body))
	r.Header.Set("Authorization", "Bearer "+token(t, s))
	return r
}

func TestAlteredResponses(t *testing.T) {
	s := start(t, emulator.Config{})
	const query = "{ clientsSearch { totalCount } }"
	whole := do(t, asked(t, s, query)).text
	failed := []core.GraphQLError{{Message: "in part", Path: []any{"clientsSearch"}}}
	for name, test := range map[string]struct {
		fault emulator.Fault
		text  string
		media string
		err   error
	}{
		"cut":          {emulator.Fault{PartialBody: true}, whole[:len(whole)/2], "application/json", nil},
		"torn":         {emulator.Fault{Truncate: true}, whole[:len(whole)/2], "application/json", io.ErrUnexpectedEOF},
		"too long":     {emulator.Fault{ContentLengthDelta: 5}, whole, "application/json", io.ErrUnexpectedEOF},
		"too short":    {emulator.Fault{ContentLengthDelta: -5}, whole[:len(whole)-5], "application/json", nil},
		"dripping":     {emulator.Fault{Trickle: time.Microsecond}, whole, "application/json", nil},
		"content type": {emulator.Fault{ContentType: "text/plain"}, whole, "text/plain", nil},
		"own answer":   {emulator.Fault{Status: 200, Body: "hello", ContentType: "text/plain"}, "hello", "text/plain", nil},
		"with errors": {
			emulator.Fault{Errors: failed},
			`{"data":{"clientsSearch":{"totalCount":1}},"errors":[{"message":"in part","path":["clientsSearch"]}]}`, "application/json", nil,
		},
	} {
		r := asked(t, s, query)
		test.fault.Times = 1
		s.AddFault("clientsSearch", test.fault)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if string(text) != test.text || res.Header.Get("Content-Type") != test.media || !errors.Is(err, test.err) {
			t.Errorf("%s: %q, %q, %v", name, text, res.Header.Get("Content-Type"), err)
		}
	}
}

func TestLostResponses(t *testing.T) {
	executed := make(chan struct{}, 1)
	s := start(t, emulator.Config{OnExecute: func(string, map[string]any) { executed <- struct{}{} }})
	for name, test := range map[string]struct {
		fault emulator.Fault
		err   error
	}{
		"reset":   {emulator.Fault{Reset: true}, syscall.ECONNRESET},
		"hung":    {emulator.Fault{Hang: true}, context.Canceled},
		"dropped": {emulator.Fault{Drop: true}, io.EOF},
	} {
		r := asked(t, s, `mutation { createClient(name: "x") { clientSecret } }`)
		test.fault.Times, test.fault.Execute = 1, true
		s.AddFault("createClient", test.fault)
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error, 1)
		go func() {
			res, err := http.DefaultClient.Do(r.WithContext(ctx))
			if err == nil {
				_ = res.Body.Close()
			}
			failed <- err
		}()
		<-executed
		if test.fault.Hang {
			cancel()
		}
		if err := <-failed; !errors.Is(err, test.err) {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
	}
}

func TestResetIsATCPReset(t *testing.T) {
	s := start(t, emulator.Config{})
	s.AddFault("", emulator.Fault{Reset: true})
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(conn).ReadByte(); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%v", err)
	}
}

func TestCurrentProtocolFaultsOfSubscriptions(t *testing.T) {
	s := start(t, emulator.Config{})
	for name, test := range map[string]struct {
		fault    emulator.Fault
		messages int
		err      func(error) bool
	}{
		"reset": {emulator.Fault{Reset: true}, 1, isConnection},
		"hung":  {emulator.Fault{Hang: true}, 1, func(err error) bool { return errors.Is(err, context.Canceled) }},
		"partial": {emulator.Fault{Errors: []core.GraphQLError{{Message: "in part"}}}, 4, func(err error) bool {
			response, ok := errors.AsType[*core.ResponseError](err)
			return ok && response.Partial
		}},
	} {
		test.fault.Times = 1
		s.AddFault("eventQuery", test.fault)
		ctx, cancel := context.WithCancel(t.Context())
		messages := 0
		var last error
		for value, err := range (&transport.HTTP{}).Subscribe(ctx, events(t, s, token(t, s))) {
			if last = err; value != nil {
				messages++
			}
			if test.fault.Hang {
				cancel()
			}
		}
		cancel()
		if messages != test.messages || !test.err(last) {
			t.Errorf("%s: %d messages, %v", name, messages, last)
		}
	}
}

func TestRoutesAndExecutionsAreRecorded(t *testing.T) {
	var mu sync.Mutex
	var reported []string
	s := start(t, emulator.Config{OnExecute: func(operation string, arguments map[string]any) {
		mu.Lock()
		defer mu.Unlock()
		name, _ := arguments["name"].(string)
		reported = append(reported, operation+" "+name)
	}})
	do(t, asked(t, s, `mutation { a: createClient(name: "x") { clientSecret } b: createClient(name: "y") { clientSecret } }`))
	mu.Lock()
	defer mu.Unlock()
	if want := []string{"createClient x", "createClient y"}; !slices.Equal(reported, want) {
		t.Errorf("told %q, want %q", reported, want)
	}
	if routes := s.Routes(); !slices.Contains(routes, gateway) || !slices.Contains(routes, "/auth/api/v2/auth/token") || !slices.IsSorted(routes) {
		t.Errorf("%q", routes)
	}
}
