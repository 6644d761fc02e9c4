package natswire_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/natswire"
)

// The tests with a real server are in tools/natstest.

const greeting = `INFO {"headers":true,"max_payload":100,"nonce":"n"}` + "\r\n"

// serve starts a server that sends a text, answers the first PING, and then sends another one and
// closes the connection. It returns what the client has sent.
func serve(t *testing.T, first, then string) (url string, sent func() string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	done := make(chan string, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, first)
		lines := bufio.NewReader(conn)
		var got strings.Builder
		for !strings.HasSuffix(got.String(), "PING\r\n") {
			line, err := lines.ReadString('\n')
			got.WriteString(line)
			if err != nil {
				done <- got.String()
				return
			}
		}
		_, _ = io.WriteString(conn, then)
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.CloseWrite()
		}
		rest, _ := io.ReadAll(lines)
		done <- got.String() + string(rest)
	}()
	return "nats://" + listener.Addr().String(), func() string { return <-done }
}

func connect(t *testing.T, config natswire.Config) (*natswire.Conn, error) {
	t.Helper()
	config.Timeout = 30 * time.Second
	conn, err := natswire.Connect(t.Context(), config)
	if err == nil {
		t.Cleanup(conn.Close)
	}
	return conn, err
}

func TestAConversation(t *testing.T) {
	url, sent := serve(t, greeting, "+OK\r\nPONG\r\nPING\r\n-ERR 'Permissions Violation for Publish to \"a\"'\r\n-ERR 'another'\r\n")
	conn, err := connect(t, natswire.Config{Servers: []string{url}, Name: "n", User: "u", Password: "p"})
	if err != nil {
		t.Fatal(err)
	}
	<-conn.Done
	if !errors.Is(conn.Err(), io.EOF) {
		t.Errorf("it ended for %v", conn.Err())
	}
	problem, ok := errors.AsType[*natswire.ServerError](<-conn.Problems)
	if !ok || !problem.Forbidden || problem.Rejected {
		t.Errorf("%#v", problem)
	}
	const want = `CONNECT {"headers":true,"lang":"go","name":"n","no_responders":true,"pass":"p","pedantic":false,"protocol":1,` +
		`"tls_required":false,"user":"u","verbose":false,"version":"1"}` + "\r\nPING\r\nPONG\r\n"
	if got := sent(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// echo starts a server that answers each message with text, in which REPLY is the subject of the
// answer.
func echo(t *testing.T, text string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, greeting)
		lines := bufio.NewScanner(conn)
		for lines.Scan() {
			words := strings.Fields(lines.Text())
			switch {
			case len(words) > 0 && words[0] == "PING":
				_, _ = io.WriteString(conn, "PONG\r\n")
			case len(words) == 5 && words[0] == "HPUB":
				_, _ = io.WriteString(conn, strings.ReplaceAll(text, "REPLY", words[2]))
			}
		}
	}()
	return "nats://" + listener.Addr().String()
}

func TestAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		text   string
		answer natswire.Answer
		ended  bool // the connection ends instead
	}{
		"a message":                 {"MSG REPLY 1 5\r\nhello\r\n", natswire.Answer{Data: []byte("hello")}, false},
		"a message with a reply":    {"MSG REPLY 1 other 2\r\n\r\n\r\n", natswire.Answer{Data: []byte("\r\n")}, false},
		"nothing":                   {"MSG REPLY 1 0\r\n\r\n", natswire.Answer{}, false},
		"a status":                  {"HMSG REPLY 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n", natswire.Answer{Status: "503"}, false},
		"a status with a text":      {"HMSG REPLY 1 23 25\r\nNATS/1.0 404 Not No\r\n\r\nok\r\n", natswire.Answer{Status: "404", Data: []byte("ok")}, false},
		"the first of two":          {"MSG REPLY 1 1\r\na\r\nMSG REPLY 1 1\r\nb\r\n", natswire.Answer{Data: []byte("a")}, false},
		"others come first":         {"MSG x.y 1 1\r\na\r\nPONG\r\nINFO {}\r\nMSG REPLY 1 1\r\nb\r\n", natswire.Answer{Data: []byte("b")}, false},
		"no size":                   {"MSG REPLY 1\r\n", natswire.Answer{}, true},
		"a size that is no number":  {"MSG REPLY 1 x\r\n", natswire.Answer{}, true},
		"a negative size":           {"MSG REPLY 1 -5\r\n", natswire.Answer{}, true},
		"a huge size":               {"MSG REPLY 1 99999999999\r\n", natswire.Answer{}, true},
		"a header that is longer":   {"HMSG REPLY 1 9 5\r\nhello\r\n", natswire.Answer{}, true},
		"an unknown operation":      {"HELLO\r\n", natswire.Answer{}, true},
		"a line without an end":     {strings.Repeat("x", 1<<20), natswire.Answer{}, true},
		"a page of another service": {"HTTP/1.1 400 Bad Request\r\n\r\n", natswire.Answer{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := connect(t, natswire.Config{Servers: []string{echo(t, test.text)}})
			if err != nil {
				t.Fatal(err)
			}
			answer, err := conn.Publish(t.Context(), "a.b", []natswire.Header{{Name: "X", Value: "y"}}, []byte("data"))
			if err != nil {
				t.Fatal(err)
			}
			if err := conn.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			select {
			case got := <-answer:
				if test.ended || got.Status != test.answer.Status || string(got.Data) != string(test.answer.Data) {
					t.Errorf("%+v", got)
				}
			case <-conn.Done:
				if !test.ended || conn.Err() == nil {
					t.Errorf("it ended for %v", conn.Err())
				}
			}
		})
	}
}

func TestMessagesThatAreTooLarge(t *testing.T) {
	conn, err := connect(t, natswire.Config{Servers: []string{echo(t, "")}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Publish(t.Context(), "a", nil, make([]byte, 100)); !errors.Is(err, natswire.ErrTooLarge) {
		t.Errorf("%v", err)
	}
	if _, err := conn.Publish(t.Context(), "a", nil, make([]byte, 88)); err != nil { // 12 bytes of header
		t.Errorf("%v", err)
	}
}

func TestConnectionsThatFail(t *testing.T) {
	for name, test := range map[string]struct {
		first, then string
		tls         bool
		want        error
	}{
		"no NATS":         {"SSH-2.0-OpenSSH_9.2\r\n", "", false, natswire.ErrProtocol},
		"no JSON":         {"INFO x\r\n", "", false, natswire.ErrProtocol},
		"no headers":      {"INFO {}\r\n", "", false, natswire.ErrProtocol},
		"no TLS":          {greeting, "", true, natswire.ErrNoTLS},
		"closed":          {greeting, "", false, io.EOF},
		"closed at once":  {"", "", false, nil},
		"a long greeting": {"INFO " + strings.Repeat("x", 1<<20) + "\r\n", "", false, bufio.ErrBufferFull},
	} {
		t.Run(name, func(t *testing.T) {
			url, _ := serve(t, test.first, test.then)
			if test.first == "" {
				url = "nats://127.0.0.1:1"
			}
			if test.tls {
				url = strings.Replace(url, "nats:", "tls:", 1)
			}
			if _, err := connect(t, natswire.Config{Servers: []string{url}}); err == nil || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("%v", err)
			}
		})
	}
	if _, err := connect(t, natswire.Config{}); !errors.Is(err, natswire.ErrNoServer) {
		t.Errorf("without servers: %v", err)
	}
	url, _ := serve(t, greeting, "-ERR 'Authorization Violation'\r\n")
	_, err := connect(t, natswire.Config{Servers: []string{url}})
	if rejected, ok := errors.AsType[*natswire.ServerError](err); !ok || !rejected.Rejected {
		t.Errorf("rejected credentials: %v", err)
	}
}

// The next server is tried if one does not answer, but not after the context has ended.
func TestSeveralServers(t *testing.T) {
	url := echo(t, "")
	if _, err := connect(t, natswire.Config{Servers: []string{"nats://127.0.0.1:1", "%", url}}); err != nil {
		t.Error(err)
	}
	gaveUp := errors.New("gave up")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gaveUp)
	if _, err := natswire.Connect(ctx, natswire.Config{Servers: []string{url}, Timeout: time.Minute}); err == nil {
		t.Error("it connects after the context has ended")
	}
}

// A seed of the documentation of nkeys, which is used nowhere.
const seed = "SUAGMJH5XLGZKQQWAWKRZJIGMOU4HPFUYLXJMXOO5NLFEO2OOQJ5LPRDPM"

func TestCredentials(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want error
	}{
		"nothing":          {"", natswire.ErrCredentials},
		"no seed":          {"-----BEGIN NATS USER JWT-----\nabc\n------END NATS USER JWT------\n", natswire.ErrCredentials},
		"a broken seed":    {"-----BEGIN NATS USER JWT-----\nabc\n-----BEGIN USER NKEY SEED-----\nSUxx\n", natswire.ErrCredentials},
		"a changed seed":   {"-----BEGIN NATS USER JWT-----\nabc\n-----BEGIN USER NKEY SEED-----\n" + strings.Replace(seed, "G", "H", 1), natswire.ErrCredentials},
		"everything there": {"-----BEGIN NATS USER JWT-----\r\nabc\r\n-----BEGIN USER NKEY SEED-----\r\n" + seed + "\r\n", io.EOF},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "creds")
			if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			url, sent := serve(t, greeting, "")
			_, err := connect(t, natswire.Config{Servers: []string{url}, Credentials: path})
			if !errors.Is(err, test.want) || strings.Contains(err.Error(), "SUAH") {
				t.Errorf("%v", err)
			}
			if got := sent(); errors.Is(test.want, io.EOF) && (!strings.Contains(got, `"jwt":"abc"`) || !strings.Contains(got, `"sig":"`)) {
				t.Errorf("%q", got)
			}
		})
	}
	url, _ := serve(t, greeting, "")
	_, err := connect(t, natswire.Config{Servers: []string{url}, Credentials: filepath.Join(t.TempDir(), "none")})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}
