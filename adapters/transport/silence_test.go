package transport_test

import (
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testutil"
)

// slowLine is a server's end of a connection that carries 1 KiB a second.
type slowLine struct {
	net.Conn
	left int            // how many bytes arrive
	died chan time.Time // gets the time at which no more did
}

func (l *slowLine) Write(p []byte) (int, error) {
	for rest := range slices.Chunk(p, 1024) {
		if l.left < len(rest) {
			l.left = 0
			select {
			case l.died <- time.Now():
			default: // it was dead already
			}
			return len(p), nil // into the kernel, which has nowhere to put it
		}
		time.Sleep(time.Second)
		if _, err := l.Conn.Write(rest); err != nil {
			return 0, err
		}
		l.left -= len(rest)
	}
	return len(p), nil
}

// slowly is a listener of slow lines.
type slowly struct {
	*testutil.Pipes
	left int
	died chan time.Time
}

func (s slowly) Accept() (net.Conn, error) {
	conn, err := s.Pipes.Accept()
	if err != nil {
		return nil, err
	}
	return &slowLine{conn, s.left, s.died}, nil
}

// onSlowLine subscribes in a bubble. The server sends one message over a connection that stops
// after so many bytes.
func onSlowLine(t *testing.T, message string, dies int, keepAlive time.Duration) (values []string, errs []error, died <-chan time.Time) {
	line := slowly{testutil.NewPipes(), dies, make(chan time.Time, 1)}
	client, env, end := inMemoryOn(t, line, socket(t, "graphql-ws", func(p *peer) {
		p.want("connection_init")
		p.say(ack)
		p.want("start")
		p.say(message, complete)
		p.drain() // and answers the pings
	}))
	values, errs = received(t.Context(), &transport.HTTP{Client: client, KeepAlive: keepAlive}, greet(env, core.KindSubscription))
	end()
	return values, errs, line.died
}

// The response to a ping follows a message that takes minutes. Such a server is not silent.
func TestALongMessageOnASlowLineArrives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const keepAlive = 30 * time.Second
		long := `"` + strings.Repeat("x", 200<<10) + `"`
		began := time.Now()
		values, errs, _ := onSlowLine(t, data(long), 1<<20, keepAlive)
		if !slices.Equal(values, []string{long}) || errs[0] != nil {
			t.Errorf("%d values, %v", len(values), errs)
		}
		if took := time.Since(began); took < 2*keepAlive {
			t.Errorf("it took no more than %v", took)
		}
	})
}

func TestAMessageThatStopsHalfWayIsGivenUp(t *testing.T) {
	const keepAlive = 30 * time.Second
	for _, dies := range []int{1, 10, 25, 35, 65, 95} { // KiB, at various moments between the pings
		synctest.Test(t, func(t *testing.T) {
			_, errs, died := onSlowLine(t, data(`"`+strings.Repeat("x", 200<<10)+`"`), dies<<10, keepAlive)
			select {
			case at := <-died:
				if silent := time.Since(at); silent > 2*keepAlive {
					t.Errorf("given up %v after the last byte", silent)
				}
			default:
				t.Errorf("given up while bytes arrived: %v", errs)
			}
			if gone, ok := errors.AsType[*core.ConnectionError](errs[0]); !ok || !gone.Sent || !strings.Contains(errs[0].Error(), "silent") {
				t.Errorf("%#v", errs[0])
			}
		})
	}
}
