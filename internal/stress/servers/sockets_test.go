package servers_test

import (
	"bufio"
	"bytes"
	"compress/flate"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/stress"
)

// The first byte of a frame (RFC 6455, section 5.2).
const (
	whole    = 0x80 // the last fragment of its message
	deflated = 0x40
	opText   = 0x01
	opClose  = 0x08
	opPing   = 0x09
)

// socketOf makes what is written the frames of a WebSocket, which is opened first. What the client
// says meanwhile is heard, unless deaf is set.
func socketOf(write func(io.Writer) error, deaf bool, header ...string) func(net.Conn, *http.Request) {
	return func(conn net.Conn, request *http.Request) {
		sum := sha1.Sum([]byte(request.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		header = append([]string{
			"HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Protocol: graphql-ws",
			"Sec-WebSocket-Accept: " + base64.StdEncoding.EncodeToString(sum[:]),
		}, header...)
		if _, err := io.WriteString(conn, strings.Join(header, "\r\n")+"\r\n\r\n"); err != nil {
			return
		}
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			if !deaf {
				_ = observe(conn)
			}
		}()
		if err := write(conn); err != nil {
			conn.Close()
		}
		<-gone
	}
}

// observe hears the client until it says goodbye, and hangs up then.
func observe(conn net.Conn) error {
	defer conn.Close()
	client, head := bufio.NewReader(conn), make([]byte, 2)
	for {
		if _, err := io.ReadFull(client, head); err != nil {
			return err
		}
		first, size := head[0], int64(head[1]&0x7f)
		if size > 125 { // no message of the cases needs more than 16 bits
			if _, err := io.ReadFull(client, head); err != nil {
				return err
			}
			size = int64(binary.BigEndian.Uint16(head))
		}
		if _, err := io.CopyN(io.Discard, client, 4+size); err != nil || first == whole|opClose { // there is a mask
			return err
		}
	}
}

// frame is one frame of a server. Its payload may differ from the declared size.
func frame(first byte, size uint64, payload string) string {
	head := []byte{first, byte(size)}
	switch {
	case size > 0xffff:
		head = binary.BigEndian.AppendUint64([]byte{first, 127}, size)
	case size > 125:
		head = binary.BigEndian.AppendUint16([]byte{first, 126}, uint16(size))
	}
	return string(head) + payload
}

// text is a message.
func text(message string) string { return frame(whole|opText, uint64(len(message)), message) }

// data is a message with a value.
func data(value string) string {
	return text(`{"id":"1","type":"data","payload":{"data":` + value + `}}`)
}

var acknowledged = text(`{"type":"connection_ack"}`)

// then writes one after the other.
func then(writes ...func(io.Writer) error) func(io.Writer) error {
	return func(w io.Writer) error {
		for _, write := range writes {
			if err := write(w); err != nil {
				return err
			}
		}
		return nil
	}
}

func leave(io.Writer) error { return io.EOF }

// bomb is a compressed message that unfolds to a gibibyte.
func bomb() string {
	var b bytes.Buffer
	z, _ := flate.NewWriter(&b, flate.BestSpeed) // the level is one that there is
	_ = ended(`{"id":"1","type":"data","payload":"`, "x", `"}`, 1<<30)(z)
	_ = z.Flush()
	return frame(whole|deflated|opText, uint64(b.Len()-4), b.String()[:b.Len()-4])
}

func TestSocketsThatAreBroken(t *testing.T) {
	t.Parallel()
	ack := once(acknowledged)
	after := func(rest string) func(io.Writer) error { return then(ack, once(rest)) }
	var all tally
	for name, write := range map[string]func(io.Writer) error{
		"a length beyond 63 bits":    after(frame(whole|opText, 1<<63, "x")),
		"a masked frame":             after("\x81\x82abcd" + "xx"),
		"an unknown opcode":          after(frame(whole|0x03, 1, "x")),
		"reserved bits":              after(frame(whole|0x30|opText, 1, "x")),
		"compressed without asking":  after(frame(whole|deflated|opText, 1, "x")),
		"a fragmented ping":          after(frame(opPing, 1, "x")),
		"a ping that is too long":    after(frame(whole|opPing, 126, strings.Repeat("x", 126))),
		"a continuation of nothing":  after(frame(whole, 1, "x")),
		"a message within another":   after(frame(opText, 1, "{") + acknowledged),
		"a close of one byte":        after(frame(whole|opClose, 1, "x")),
		"a close that cannot be":     after(frame(whole|opClose, 2, "\x00\x01")),
		"left before the ack":        leave,
		"left after the ack":         then(ack, leave),
		"left in a header":           then(ack, once("\x81"), leave),
		"left in a frame":            then(ack, once(frame(whole|opText, 100, "{")), leave),
		"left between two fragments": then(ack, once(frame(opText, 1, "{")), leave),
		"binary rubbish":             after(frame(whole|0x02, 4, "\x00\xff\xfe\x01")),
		"text that is not UTF-8":     after(text("\xff\xfe")),
		"a message that is a list":   after(text("[]")),
		"a payload that is a number": after(text(`{"id":"1","type":"data","payload":7}`)),
		"a type that is an object":   after(text(`{"id":"1","type":{}}`)),
		"an error that says nothing": after(text(`{"id":"1","type":"error"}`)),
	} {
		t.Run(name, func(t *testing.T) {
			url, _ := speaking(t, socketOf(write, false))
			result := all.expose(t, order{URL: url, Ask: "subscription", Deadline: time.Minute})
			if !result.Connection && !result.Response || result.TimedOut || result.Values > 0 {
				t.Errorf("%+v", result)
			}
		})
	}
	t.Run("compression that was not asked for", func(t *testing.T) {
		url, _ := speaking(t, socketOf(then(ack, once(bomb())), false, "Sec-WebSocket-Extensions: permessage-deflate"))
		if result := all.expose(t, order{URL: url, Ask: "subscription"}); !result.Connection {
			t.Errorf("%+v", result)
		}
	})
	stress.Report(t, stress.Servers, "WebSockets that break the protocol: lengths, masks, opcodes, fragments, closes, ends in the middle, a compressed bomb",
		"a typed error, memory of at most 64 MiB", "%d sockets: %s, the slowest %v", all.n, mebibytes(all.peak), all.slowest)
}

func TestSocketMessagesWithoutEnd(t *testing.T) {
	t.Parallel()
	limits := stress.Scale(core.Limits{MessageBytes: 4 << 20, ValueBytes: 16 << 20}, core.Limits{MessageBytes: 24 << 20, ValueBytes: 96 << 20}, core.Limits{})
	bound := limits.OrDefault().MessageBytes
	deep := stress.Scale(100_000, 1_000_000, 10_000_000)
	lists, objects := strings.Repeat("[", deep)+strings.Repeat("]", deep), strings.Repeat(`{"a":`, deep)+"0"+strings.Repeat("}", deep)
	ack := once(acknowledged)
	all := tally{most: 8 * limits.OrDefault().ValueBytes}
	requirements := func(option string, attacks map[string]func(io.Writer) error) {
		for name, write := range attacks {
			t.Run(name, func(t *testing.T) {
				url, requests := speaking(t, socketOf(write, false))
				result := all.expose(t, order{URL: url, Ask: "subscription", Limits: limits, Tries: 3, Deadline: time.Minute})
				result.names(t, option)
				all.requests += requests.Load()
			})
		}
	}
	requirements("Limits.MessageBytes", map[string]func(io.Writer) error{
		"a frame":               then(ack, endless(frame(whole|opText, 1<<62, `{"type":"`), "x")),
		"a frame before an ack": endless(frame(whole|opText, 1<<62, `{"type":"`), "x"),
		"fragments":             then(ack, once(frame(opText, 1, "{")), endless("", frame(0, 1000, strings.Repeat(" ", 1000)))),
	})
	requirements("Limits.Depth", map[string]func(io.Writer) error{
		"deep data":             then(ack, once(data(lists))),
		"deep objects":          then(ack, once(data(`{"records":`+objects+`}`))),
		"a deep payload":        then(ack, once(text(`{"type":"data","payload":`+lists+`}`))),
		"a deep message":        then(ack, once(text(`{"type":"data","x":`+objects+`}`))),
		"a deep message at all": once(text(lists)),
		"a deep ack":            once(text(`{"type":"connection_ack","payload":` + objects + `}`)),
		"a deep error":          then(ack, once(text(`{"type":"error","payload":`+objects+`}`))),
		"a deep refusal":        once(text(`{"type":"connection_error","payload":` + lists + `}`)),
		"a deep error in data":  then(ack, once(text(`{"type":"data","payload":{"errors":[{"message":"x","extensions":`+objects+`}]}}`))),
	})
	large := func(begin, end string) func(io.Writer) error {
		items := bound - 1<<10
		return then(once(frame(whole|opText, uint64(len(begin))+uint64(3*(items/3))+uint64(len(end)), "")),
			once(begin), func(w io.Writer) error {
				_, err := io.Copy(w, io.LimitReader(&repeating{text: ",{}"}, 3*(items/3)))
				return err
			}, once(end))
	}
	requirements("Limits.ValueBytes", map[string]func(io.Writer) error{
		"a bomb of errors":         then(ack, large(`{"type":"error","payload":[{}`, `]}`)),
		"a bomb of a refusal":      large(`{"type":"connection_error","payload":[{}`, `]}`),
		"a bomb of errors in data": then(ack, large(`{"type":"data","payload":{"errors":[{}`, `]}}`)),
		"a bomb of locations":      then(ack, large(`{"type":"error","payload":{"message":"x","locations":[{}`, `]}}`)),
		"a bomb of an error's own": then(ack, large(`{"type":"error","payload":{"message":"x","extensions":{"a":[{}`, `]}}}`)),
	})
	if all.requests != all.n {
		t.Errorf("%d connections", all.requests)
	}
	stress.Report(t, stress.Servers, "WebSocket messages without end, very deep, and bombs: frames, fragments, data, errors, refusals",
		"an error that names the limit, 1 connection, memory of at most 8 times the limit of values",
		"%d messages, limits %s and %s, %d levels: %d connections, %s, the slowest %v", all.n, mebibytes(bound), mebibytes(limits.OrDefault().ValueBytes), deep, all.requests, mebibytes(all.peak), all.slowest)
}

// repeating is a text again and again.
type repeating struct {
	text string
	at   int
}

func (r *repeating) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = r.text[r.at]
		r.at = (r.at + 1) % len(r.text)
	}
	return len(p), nil
}

func TestSocketsThatNeverEnd(t *testing.T) {
	t.Parallel()
	patience := stress.Scale(30*time.Millisecond, 200*time.Millisecond, time.Second)
	ack := once(acknowledged)
	var all tally
	latest := time.Duration(0)
	for name, way := range map[string]struct {
		write func(io.Writer) error
		deaf  bool
	}{
		"no ack":                      {once(""), false},
		"keep-alives and no ack":      {endless("", text(`{"type":"ka"}`)), false},
		"unknown and no ack":          {endless("", text(`{"type":"x"}`)), false},
		"pings and no ack":            {endless("", frame(whole|opPing, 4, "ping")), false},
		"an ack and nothing":          {ack, false},
		"acks":                        {endless("", acknowledged), false},
		"unknown types":               {then(ack, endless("", text(`{"type":"x"}`))), false},
		"keep-alives":                 {then(ack, endless("", text(`{"type":"ka"}`))), false},
		"pings":                       {then(ack, endless("", frame(whole|opPing, 4, "ping"))), false},
		"pongs":                       {then(ack, endless("", frame(whole|0x0a, 4, "pong"))), false},
		"pings of GraphQL":            {then(ack, endless("", text(`{"type":"ping"}`))), false},
		"pings of who is deaf":        {then(ack, endless("", frame(whole|opPing, 125, strings.Repeat("p", 125)))), true},
		"GraphQL pings, deaf":         {then(ack, endless("", text(`{"type":"ping"}`))), true},
		"fragments of nothing":        {then(ack, once(frame(opText, 0, "")), endless("", frame(0, 0, ""))), false},
		"fragments of a byte, pings":  {then(ack, once(frame(opText, 1, "{")), endless("", frame(0, 1, " ")+frame(whole|opPing, 0, ""))), false},
		"answers in place of rows":    {then(ack, endless("", text(`{"data":{}}`))), false},
		"messages of nothing at all":  {then(ack, endless("", text(`{}`))), false},
		"a frame of which nothing is": {then(ack, once(frame(whole|opText, 1<<40, ""))), false},
	} {
		for _, limit := range []struct {
			name              string
			timeout, deadline time.Duration
		}{{"silence", patience, time.Minute}, {"deadline", time.Minute, patience}} {
			if limit.name == "silence" && !strings.Contains(name, "no ack") {
				continue // a server that says something all the time may go on for ever
			}
			t.Run(fmt.Sprint(name, ", ", limit.name), func(t *testing.T) {
				url, _ := speaking(t, socketOf(way.write, way.deaf))
				result := all.expose(t, order{URL: url, Ask: "subscription", Timeout: limit.timeout, Deadline: limit.deadline})
				latest = max(latest, result.Took-patience)
				if !result.Connection || !result.TimedOut || result.Took > 10*(patience+time.Second) {
					t.Errorf("%+v", result)
				}
			})
		}
	}
	stress.Report(t, stress.Servers, "WebSockets that never end: no ack, floods of pings, keep-alives, unknown messages, empty fragments; heard and not",
		"the time limit or the deadline ends them, memory of at most 64 MiB", "%d sockets, limit %v: at most %v late, %s",
		all.n, patience, latest.Round(time.Millisecond), mebibytes(all.peak))
}
