package plugins

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/taegis-go/taegis/plugins/internal/contract"
)

const (
	// startLimit stands for no limit: the clock of the login ends the start.
	startLimit = 24 * time.Hour
	// stopTime is how long a plugin that is asked to end may take before it is killed.
	stopTime = time.Second
)

// child is a running plugin.
type child struct {
	*program
	*connection

	config *goplugin.ClientConfig
	client *goplugin.Client
	dir    string // of the sockets, closed to other users

	granted []string // the variables that it was started with
	source  Program  // what was started
	seen    sighting // what was at the places of the programs then; guarded by the slot of the plugin
	uses    sync.WaitGroup
	once    sync.Once // logs the first use
}

// startChild starts the program with these variables, up to the point where it can be called. It
// kills it when ctx ends before that.
func startChild(ctx context.Context, p *program, env []string) (*child, error) {
	c, err := newChild(p, env)
	if err != nil {
		return nil, err
	}
	if err := c.start(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// newChild prepares the start of the program with these variables.
func newChild(p *program, env []string) (*child, error) {
	identity, certificate, err := newIdentity()
	if err != nil {
		return nil, err
	}
	c := &child{program: p, granted: slices.Clip(env)}
	c.config = &goplugin.ClientConfig{
		HandshakeConfig:  cookie,
		VersionedPlugins: versions(nil),
		RunnerFunc: func(_ hclog.Logger, cmd *exec.Cmd, dir string) (runner.Runner, error) {
			p.env, c.dir = append(append(c.granted, cmd.Env...), variableCertificate+"="+certificate), dir
			return p, nil
		},
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		TLSConfig:        identity, // completed by the plugin's certificate, from its handshake
		SkipHostEnv:      true,
		StartTimeout:     startLimit,
		Logger:           hclog.NewNullLogger(),
		SyncStdout:       &stream{to: p.printed},
		SyncStderr:       &stream{to: p.printed},
		GRPCDialOptions: []grpc.DialOption{
			grpc.WithIdleTimeout(0), // a plugin without a connection ends
			grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage)),
		},
	}
	return c, nil
}

func (c *child) start(ctx context.Context) error {
	dir, err := socketDir()
	if err != nil {
		c.image.ended()
		return err
	}
	c.config.UnixSocketConfig = &goplugin.UnixSocketConfig{TempDir: dir}
	c.client = goplugin.NewClient(c.config)
	stop := context.AfterFunc(ctx, func() { _ = c.Kill(ctx) })
	defer stop()
	if err := c.dial(); err != nil {
		c.kill()
		return err
	}
	return nil
}

func (c *child) dial() error {
	protocol, err := c.client.Client()
	if err != nil {
		return err
	}
	dispensed, err := protocol.Dispense(service)
	if err != nil {
		return err
	}
	c.connection = dispensed.(*connection)
	return nil
}

// running reports whether the process has not ended.
func (c *child) running() bool {
	select {
	case <-c.exited:
		return false
	default:
		return true
	}
}

// stop asks the plugin to end, and waits until nothing of it is left.
func (c *child) stop() {
	late := time.AfterFunc(stopTime, func() { _ = c.Kill(context.Background()) })
	defer late.Stop()
	c.client.Kill()
	_ = os.RemoveAll(c.dir) // go-plugin leaves it if the program did not start
}

// kill ends the plugin at once.
func (c *child) kill() {
	_ = c.Kill(context.Background())
	c.stop()
}

// authenticate has the plugin log in. For as long as that takes it can ask the user, unless
// that is nil.
func (c *child) authenticate(ctx context.Context, m *contract.AuthenticateRequest, p *promptServer) (*contract.AuthenticateResponse, error) {
	if p == nil {
		return c.Authenticate(ctx, m)
	}
	id := c.broker.NextId()
	listener, err := c.broker.Accept(id)
	if err != nil {
		return nil, err
	}
	server := grpc.NewServer(
		// It knows the plugin's certificate by now, and accepts no other.
		grpc.Creds(credentials.NewTLS(c.config.TLSConfig)),
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.WaitForHandlers(true), // so that no question outlives the login
	)
	contract.RegisterPromptServer(server, p)
	go func() { _ = server.Serve(listener) }() // ends with Stop
	defer server.Stop()
	m.Asking = p.asking(id)
	return c.Authenticate(ctx, m)
}
