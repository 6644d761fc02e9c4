package nats

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/taegis-go/taegis/internal/natswire"
	"github.com/taegis-go/taegis/internal/pause"
)

const (
	// firstTry is the time limit for the first answer, as requests to a bucket without a leader get
	// none, longestTry the one for later tries, and connectTime the one for connecting to a server.
	firstTry    = time.Second
	longestTry  = 8 * time.Second
	connectTime = 2 * time.Second
)

var (
	errNoAnswer = errors.New("no server has answered")
	errNoBucket = errors.New("JetStream did not answer")
)

// link is a connection that is made again when it ends, with another server.
type link struct {
	config natswire.Config

	mu     sync.Mutex
	conn   *natswire.Conn // nil if there is none
	closed bool
}

// configure prepares the connection.
func (s *Store) configure() (err error) {
	if s.link.config, err = s.config().Wire("taegis export "+s.Name, connectTime); err != nil {
		return err
	}
	first := rand.IntN(len(s.link.config.Servers)) //nolint:gosec // G404: it spreads the exporters and keeps no secret
	s.link.rotate(first)
	return nil
}

// rotate moves the first servers to the end.
func (l *link) rotate(n int) {
	servers := l.config.Servers
	l.config.Servers = slices.Concat(servers[n:], servers[:n])
}

// request sends a message and waits for its answer.
func (l *link) request(ctx context.Context, subject string, headers []natswire.Header, data []byte) (natswire.Answer, error) {
	conn, answer, err := l.send(ctx, subject, headers, data)
	if err != nil {
		return natswire.Answer{}, err
	}
	select {
	case a := <-answer:
		return a, nil
	case err = <-conn.Problems:
	case <-conn.Done:
		err = conn.Err()
	case <-ctx.Done():
		if err = context.Cause(ctx); errors.Is(err, context.DeadlineExceeded) {
			err = errNoAnswer
		}
		return natswire.Answer{}, err
	}
	l.hangUp(conn)
	return natswire.Answer{}, err
}

func (l *link) send(ctx context.Context, subject string, headers []natswire.Header, data []byte) (*natswire.Conn, <-chan natswire.Answer, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == nil {
		if l.closed {
			return nil, nil, context.Canceled
		}
		conn, err := natswire.Connect(ctx, l.config)
		if err != nil {
			return nil, nil, err
		}
		l.conn = conn
	}
	answer, err := l.conn.Publish(ctx, subject, headers, data)
	if errors.Is(err, natswire.ErrTooLarge) {
		return nil, nil, err
	}
	if err == nil {
		err = l.conn.Flush(ctx)
	}
	if err != nil {
		l.drop()
		return nil, nil, err
	}
	return l.conn, answer, nil
}

// hangUp ends a connection, unless that was done before.
func (l *link) hangUp(conn *natswire.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == conn {
		l.drop()
	}
}

// drop ends the connection. The next one is with another server if there is one.
func (l *link) drop() {
	l.conn.Close()
	l.conn = nil
	l.rotate(min(1, len(l.config.Servers)-1))
}

// change ends the connection: another server may be better off.
func (l *link) change() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil {
		l.drop()
	}
}

func (l *link) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if l.conn != nil {
		l.drop()
	}
}

// try calls f until it succeeds or fails for good, or the context ends.
func (s *Store) try(ctx context.Context, f func(context.Context) error) error {
	began := time.Now()
	wait, limit := 50*time.Millisecond, firstTry
	for ; ; wait, limit = min(2*wait, time.Second), min(2*limit, longestTry) {
		one, cancel := context.WithTimeout(ctx, limit)
		err := f(one)
		cancel()
		if err == nil || errors.Is(err, errConflict) {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if fault := s.fault(err); fault.Permanent || s.GiveUp > 0 && time.Since(began) > s.GiveUp {
			return fault
		}
		if errors.Is(err, errNoAnswer) && limit > firstTry {
			s.link.change()
		}
		s.Logger.Debug("an entry cannot be read or written, which is tried again", "error", err)
		if err := pause.For(ctx, wait); err != nil {
			return err
		}
	}
}
