package testutil

import (
	"context"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// Pipes is a listener with connections in memory, so that a bubble of [testing/synctest] can
// contain them. [NewPipes] returns one.
//
// The usual pipes cannot carry net/http and WebSockets there: if both ends of a [net.Pipe] write at
// once, both block forever, and a deadline of google.golang.org/grpc/test/bufconn can pass after it
// has been reset.
type Pipes struct {
	dialled chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

// NewPipes returns an open listener.
func NewPipes() *Pipes { return &Pipes{dialled: make(chan net.Conn), closed: make(chan struct{})} }

// DialContext connects as soon as the listener accepts.
func (p *Pipes) DialContext(ctx context.Context) (net.Conn, error) {
	up, down := newHalf(), newHalf()
	select {
	case p.dialled <- &pipe{up, down}:
		return &pipe{down, up}, nil
	case <-p.closed:
		return nil, &net.OpError{Op: "dial", Net: "pipe", Err: syscall.ECONNREFUSED}
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Accept waits for a connection.
func (p *Pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.dialled:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept.
func (p *Pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// Addr returns a placeholder address.
func (p *Pipes) Addr() net.Addr { return pipeAddress{} }

type pipeAddress struct{}

func (pipeAddress) Network() string { return "pipe" }
func (pipeAddress) String() string  { return "pipe" }

// pipe is one end of a connection.
type pipe struct{ in, out *half }

func (p *pipe) Read(b []byte) (int, error)  { return p.in.read(b) }
func (p *pipe) Write(b []byte) (int, error) { return p.out.write(b) }

func (p *pipe) Close() error {
	p.in.leave()
	p.out.end()
	return nil
}

func (p *pipe) LocalAddr() net.Addr                { return pipeAddress{} }
func (p *pipe) RemoteAddr() net.Addr               { return pipeAddress{} }
func (p *pipe) SetReadDeadline(t time.Time) error  { return p.in.setDeadline(t) }
func (p *pipe) SetWriteDeadline(_ time.Time) error { return nil } // writing never waits
func (p *pipe) SetDeadline(t time.Time) error      { return p.SetReadDeadline(t) }

// half is one direction of a connection.
type half struct {
	mu       sync.Mutex
	changed  sync.Cond
	data     []byte
	ended    bool // by the writer
	left     bool // by the reader
	deadline *time.Timer
	passed   bool // the deadline has
}

func newHalf() *half {
	h := &half{}
	h.changed.L = &h.mu
	return h
}

func (h *half) read(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.left:
			return 0, net.ErrClosed
		case h.passed:
			return 0, os.ErrDeadlineExceeded
		case len(b) == 0:
			return 0, nil
		case len(h.data) > 0:
			n := copy(b, h.data)
			h.data = h.data[n:]
			return n, nil
		case h.ended:
			return 0, io.EOF
		}
		h.changed.Wait()
	}
}

func (h *half) write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.ended:
		return 0, net.ErrClosed
	case h.left:
		return 0, syscall.EPIPE
	}
	h.data = append(h.data, b...)
	h.changed.Broadcast()
	return len(b), nil
}

func (h *half) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
	h.changed.Broadcast()
}

func (h *half) leave() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.left, h.data = true, nil
	if h.deadline != nil {
		h.deadline.Stop()
	}
	h.changed.Broadcast()
}

func (h *half) setDeadline(t time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.left {
		return net.ErrClosed
	}
	if h.deadline != nil {
		h.deadline.Stop()
	}
	h.deadline, h.passed = nil, false
	switch left := time.Until(t); {
	case t.IsZero():
	case left <= 0: // without a timer: in a bubble, two of these at once crash the race detector of Go 1.26
		h.passed = true
		h.changed.Broadcast()
	default:
		var own *time.Timer
		own = time.AfterFunc(left, func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			if h.deadline == own { // else it was taken back meanwhile
				h.passed = true
				h.changed.Broadcast()
			}
		})
		h.deadline = own
	}
	return nil
}
