package natswire

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Header is a header of a message. Its name and value have no line ends.
type Header struct{ Name, Value string }

// Answer is an answer to a message.
type Answer struct {
	Status string // for example "503" if there is no receiver; "" for an answer with data
	Data   []byte
}

// flushBytes is the size of the buffer at which it is written.
const flushBytes = 64 << 10

// Publish writes a message, at the latest in Flush, and returns a channel for its answer. If the
// message is larger than the server permits, the error is [ErrTooLarge].
func (l *Conn) Publish(ctx context.Context, subject string, headers []Header, data []byte) (<-chan Answer, error) {
	var head bytes.Buffer
	head.WriteString("NATS/1.0\r\n")
	for _, h := range headers {
		_, _ = fmt.Fprintf(&head, "%s: %s\r\n", h.Name, h.Value)
	}
	head.WriteString("\r\n")
	if limit := l.MaxPayload(); limit > 0 && int64(head.Len()+len(data)) > limit {
		return nil, ErrTooLarge
	}
	l.next++
	number := strconv.FormatInt(l.next, 36)
	answer := make(chan Answer, 1)
	l.mu.Lock()
	l.answers[number] = answer
	l.mu.Unlock()
	l.buffer = fmt.Appendf(l.buffer, "HPUB %s %s%s %d %d\r\n", subject, l.inbox, number, head.Len(), head.Len()+len(data))
	l.buffer = append(l.buffer, head.Bytes()...)
	l.buffer = append(append(l.buffer, data...), "\r\n"...)
	if len(l.buffer) < flushBytes {
		return answer, nil
	}
	return answer, l.Flush(ctx)
}

// Flush writes everything that was published.
func (l *Conn) Flush(ctx context.Context) error {
	if len(l.buffer) == 0 {
		return nil
	}
	waiting := l.buffer
	l.buffer = l.buffer[:0]
	return l.write(ctx, waiting)
}

func (l *Conn) write(ctx context.Context, data []byte) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	if err := l.conn.SetWriteDeadline(time.Now().Add(l.timeout)); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = l.conn.SetWriteDeadline(time.Unix(1, 0)) })
	defer stop()
	_, err := l.conn.Write(data)
	return err
}

// longestLine is the length of the longest line of a server, in bytes. An INFO names all servers of
// a cluster.
const longestLine = 64 << 10

// line reads a line without its end.
func (l *Conn) line() (string, error) {
	line, err := l.reader.ReadSlice('\n')
	if err != nil {
		return "", err
	}
	return strings.TrimRight(string(line), "\r\n"), nil
}

// read reads what the server sends, until the connection ends.
func (l *Conn) read() {
	var err error
	for err == nil {
		err = l.readOne()
	}
	l.conn.Close()
	l.mu.Lock()
	l.err = err
	l.mu.Unlock()
	close(l.Done)
}

func (l *Conn) readOne() error {
	line, err := l.line()
	if err != nil {
		return err
	}
	operation, rest, _ := strings.Cut(line, " ")
	switch operation {
	case "MSG", "HMSG":
		return l.message(strings.Fields(rest), operation == "HMSG")
	case "PING":
		return l.write(context.Background(), []byte("PONG\r\n"))
	case "INFO":
		var server info
		if json.Unmarshal([]byte(rest), &server) == nil && server.MaxPayload > 0 {
			l.mu.Lock()
			l.maxPayload = server.MaxPayload
			l.mu.Unlock()
		}
	case "-ERR":
		err := serverError(rest)
		select {
		case l.Problems <- err:
		default: // the first one is enough
		}
	case "PONG", "+OK":
	default:
		return fmt.Errorf("%w: it sent %.20q", ErrProtocol, line)
	}
	return nil
}

// longestAnswer is the size of the largest message that is read, in bytes: answers are short.
const longestAnswer = 1 << 20

// message reads a message with these arguments: subject, number of the subscription, perhaps a
// subject for an answer, perhaps the size of the header, size.
func (l *Conn) message(arguments []string, hasHeader bool) error {
	fewest := 3
	if hasHeader {
		fewest = 4
	}
	if len(arguments) < fewest {
		return fmt.Errorf("%w: a message without a size", ErrProtocol)
	}
	size, err := strconv.Atoi(arguments[len(arguments)-1])
	head := 0
	if err == nil && hasHeader {
		head, err = strconv.Atoi(arguments[len(arguments)-2])
	}
	if err != nil || size < 0 || size > longestAnswer || head < 0 || head > size {
		return fmt.Errorf("%w: a message of size %.20q", ErrProtocol, arguments[len(arguments)-1])
	}
	data := make([]byte, size+2)
	if _, err := io.ReadFull(l.reader, data); err != nil {
		return err
	}
	l.answer(strings.TrimPrefix(arguments[0], l.inbox), Answer{status(data[:head]), data[head:size]})
	return nil
}

// status returns the status of a header, which is in its first line: "NATS/1.0 503".
func status(head []byte) string {
	first, _, _ := strings.Cut(string(head), "\r\n")
	_, text, _ := strings.Cut(first, " ")
	code, _, _ := strings.Cut(text, " ")
	return code
}

// answer passes the first answer to a message on, and drops any other.
func (l *Conn) answer(number string, a Answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if waiting, ok := l.answers[number]; ok {
		delete(l.answers, number)
		waiting <- a
	}
}
