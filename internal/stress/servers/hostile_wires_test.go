package servers_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/stress"
)

// speaking starts a server that hears one request on each connection and then says what it likes.
func speaking(t *testing.T, say func(net.Conn, *http.Request)) (url string, requests *atomic.Int64) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	requests = new(atomic.Int64)
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				if request, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					requests.Add(1)
					say(conn, request)
				}
			}()
		}
	}()
	return "http://" + listener.Addr().String(), requests
}

// saying writes, and hangs up.
func saying(write func(io.Writer) error) func(net.Conn, *http.Request) {
	return func(conn net.Conn, _ *http.Request) { _ = write(conn) }
}

const (
	okay  = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	small = `{"data":{"records":[]}}`
)

func TestAnswersThatAreNoHTTP(t *testing.T) {
	t.Parallel()
	chunked := okay + "Transfer-Encoding: chunked\r\n\r\n"
	var all tally
	for name, write := range map[string]func(io.Writer) error{
		"headers without end":            endless(okay, "X-Pad: "+strings.Repeat("x", 1000)+"\r\n"),
		"a header without end":           endless(okay+"X-Pad: ", "x"),
		"a name of a header without end": endless(okay, "x"),
		"a status without end":           endless("HTTP/1.1 200 ", "x"),
		"1xx without end":                endless("", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"),
		"100 without end":                endless("", "HTTP/1.1 100 Continue\r\n\r\n"),
		"no HTTP":                        endless("SSH-2.0-x\r\n", "x"),
		"nothing":                        once(""),
		"a length that is too long":      once(okay + "Content-Length: 100\r\n\r\n" + small),
		"a length that is too short":     once(okay + "Content-Length: 10\r\n\r\n" + small),
		"a length that is negative":      once(okay + "Content-Length: -1\r\n\r\n" + small),
		"a length beyond 64 bits":        once(okay + "Content-Length: 99999999999999999999\r\n\r\n" + small),
		"a length of an exabyte":         once(okay + "Content-Length: 1152921504606846976\r\n\r\n" + small),
		"two lengths":                    once(okay + "Content-Length: 10\r\nContent-Length: 23\r\n\r\n" + small),
		"a chunk that is cut":            once(chunked + "ffff\r\n" + small),
		"a chunk of no size":             once(chunked + "x\r\n" + small),
		"a chunk beyond 64 bits":         once(chunked + "fffffffffffffffffffffffff\r\n" + small),
		"a chunk's size without end":     endless(chunked, "0"),
		"a chunk's extension, endless":   endless(chunked+"1;", "x"),
		"chunks of a byte with padding":  endless(chunked, "1;"+strings.Repeat("x", 4000)+"\r\n \r\n"),
		"a trailer without end":          endless(chunked+"17\r\n"+small+"\r\n0\r\n", "X-Pad: x\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			url, requests := speaking(t, saying(write))
			result := all.expose(t, order{URL: url, Ask: "query", Timeout: time.Minute})
			all.requests += requests.Load()
			if !result.Connection || result.Values != 0 {
				t.Errorf("%+v", result)
			}
		})
	}
	stress.Report(t, stress.Servers, "HTTP that is none: headers, informational answers, chunks and trailers without end; lengths and chunks that are wrong",
		"a core.ConnectionError, memory of at most 64 MiB", "%d answers: %d requests, %s, the slowest %v", all.n, all.requests, mebibytes(all.peak), all.slowest)
}

// trickling sends text and then a byte at a time for as long as there is a reader.
func trickling(text string, trickle byte) func(net.Conn, *http.Request) {
	return func(conn net.Conn, _ *http.Request) {
		if _, err := io.WriteString(conn, text); err != nil {
			return
		}
		for tick := time.Tick(5 * time.Millisecond); ; <-tick {
			if _, err := conn.Write([]byte{trickle}); err != nil {
				return
			}
		}
	}
}

func TestTrickle(t *testing.T) {
	t.Parallel()
	length, silence := okay+"Content-Length: 1000000000\r\n\r\n", make([]byte, 1)
	trickles := map[string]func(net.Conn, *http.Request){
		"a body":      trickling(length+"{", ' '),
		"a header":    trickling(okay+"X-Pad: ", 'x'),
		"a status":    trickling("HTTP/1.1 200 ", 'x'),
		"1xx":         trickling("HTTP/1.1 103 Early", 'x'),
		"a handshake": trickling("HTTP/1.1 101 Switching Protocols\r\nX-Pad: ", 'x'),
		"nothing":     func(conn net.Conn, _ *http.Request) { _, _ = conn.Read(silence) },
	}
	patience := stress.Scale(200*time.Millisecond, 5*time.Second, 20*time.Second)
	others := 20 * (patience + time.Second) // the limits that are not to be reached
	var all drops
	for name, say := range trickles {
		url, _ := speaking(t, say)
		for _, ask := range []string{"query", "subscription", "client-credentials", "password", "sso"} {
			option := "WithTimeout"
			if ask == "subscription" {
				option = "WithKeepAlive"
			}
			all.await(t, name+" for "+ask+", time limit", option, patience, order{URL: url, Ask: ask, Timeout: patience, Deadline: others})
			all.await(t, name+" for "+ask+", deadline", "", patience, order{URL: url, Ask: ask, Timeout: others, Deadline: patience})
		}
	}
	all.Wait()
	stress.Report(t, stress.Servers, "answers that drip, a byte at a time, to calls, subscriptions and every way to log in", "the time limit, which the error names, or the deadline ends them",
		"%d answers, limit %v: at most %v late", all.n, patience, all.latest.Round(time.Millisecond))
}

// drops are concurrent waits for bytes that trickle.
type drops struct {
	sync.WaitGroup
	mu     sync.Mutex
	n      int
	latest time.Duration
}

// await makes sure that a wait ends in time, by a limit of time, which an option sets or the
// caller.
func (d *drops) await(t *testing.T, name, option string, limit time.Duration, o order) {
	d.n++
	d.Go(func() {
		result, err := o.run()
		d.mu.Lock()
		defer d.mu.Unlock()
		d.latest = max(d.latest, result.Took-limit)
		// The handshake of a subscription waits 3 s at most for the body of an answer that is none.
		if refused := result.Response && result.Took < limit; err != nil || !refused && (!result.TimedOut || result.Option != option) || result.Took > 10*(limit+time.Second) {
			t.Errorf("%s: %+v, %v", name, result, err)
		}
	})
}
