package plugins

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"time"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/stats"
)

const (
	// connectWithin is how long a plugin waits for the host that has started it.
	connectWithin = 30 * time.Second
	// endWithin is how long a plugin may take to end once its host has gone.
	endWithin = time.Second
)

// connectionMonitor ends the plugin when its host has gone. go-plugin leaves that to the host, and
// a host that was killed does nothing. The kernel's signal for it (PDEATHSIG) is of no use here: it
// comes when the thread ends that started the plugin, and Go ends threads as it likes.
type connectionMonitor struct {
	stop  func()       // ends the server, and with it Serve
	calls sync.RWMutex // held for reading by each call

	mu          sync.Mutex
	connections int
	unconnected *time.Timer
}

var _ stats.Handler = (*connectionMonitor)(nil)

func newConnectionMonitor() *connectionMonitor {
	return &connectionMonitor{unconnected: time.AfterFunc(connectWithin, exit)}
}

// HandleConn is part of [stats.Handler].
func (l *connectionMonitor) HandleConn(_ context.Context, s stats.ConnStats) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch s.(type) {
	case *stats.ConnBegin:
		l.unconnected.Stop()
		l.connections++
	case *stats.ConnEnd:
		if l.connections--; l.connections == 0 {
			time.AfterFunc(endWithin, exit) // whatever the authenticator is busy with
			go l.stop()
		}
	}
}

// TagConn is part of [stats.Handler].
func (l *connectionMonitor) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context {
	return ctx
}

// TagRPC is part of [stats.Handler].
func (l *connectionMonitor) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context {
	return ctx
}

// HandleRPC is part of [stats.Handler].
func (l *connectionMonitor) HandleRPC(context.Context, stats.RPCStats) {}

// call is a [grpc.UnaryServerInterceptor]. It takes note of a call that is under way.
func (l *connectionMonitor) call(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	l.calls.RLock()
	defer l.calls.RUnlock()
	return handle(ctx, req)
}

// await waits for the calls in progress. Their contexts have ended with the connection. Each has
// what it has started to end, such as programs in sessions of their own, which no other part can.
func (l *connectionMonitor) await() { l.calls.Lock() } // for good: there are no others

func exit() {
	removeSockets()
	os.Exit(0)
}

// removeSockets removes the sockets of both sides and their folder, which a host that was killed
// leaves behind. Anything else in the folder stays, and the folder with it.
func removeSockets() {
	dir := os.Getenv(goplugin.EnvUnixSocketDir)
	if dir == "" {
		return
	}
	entries, _ := os.ReadDir(dir) // a folder that has gone needs nothing
	for _, e := range entries {
		if e.Type()&os.ModeSocket != 0 {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
	_ = os.Remove(dir)
}
