package plugins

import (
	"context"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/taegis-go/taegis/plugins/internal/contract"
)

// oldestVersion and newestVersion are the versions of the contract that hosts and plugins of this
// package speak. Each offers all of them, and the newest that both do is used.
const (
	oldestVersion = 1
	newestVersion = 2
)

// versionAccounts is the version since which a plugin is asked for its account, told about a logout
// and described by more than what it looks up.
const versionAccounts = 2

// cookie tells a program that it was started as a plugin and not by a user. It protects nothing.
var cookie = goplugin.HandshakeConfig{
	ProtocolVersion:  oldestVersion,
	MagicCookieKey:   "TAEGIS_PLUGIN",
	MagicCookieValue: "taegis-authenticator",
}

// service is the one thing that a plugin serves, under the name that go-plugin knows it by.
const service = "authenticator"

// maxMessage bounds what either side takes in one message, in bytes.
const maxMessage = 1 << 20

// gate registers the contract with go-plugin, on both sides.
type gate struct {
	goplugin.NetRPCUnsupportedPlugin
	version int
	server  *server // nil in the host
}

var _ goplugin.GRPCPlugin = (*gate)(nil)

// versions returns what this side offers. In a plugin all versions are those of one server.
func versions(s *server) map[int]goplugin.PluginSet {
	all := map[int]goplugin.PluginSet{}
	for v := oldestVersion; v <= newestVersion; v++ {
		all[v] = goplugin.PluginSet{service: &gate{version: v, server: s}}
	}
	return all
}

// GRPCServer is part of [goplugin.GRPCPlugin].
func (g *gate) GRPCServer(broker *goplugin.GRPCBroker, s *grpc.Server) error {
	g.server.broker, g.server.version = broker, g.version
	contract.RegisterAuthenticatorServer(s, g.server)
	return nil
}

// GRPCClient is part of [goplugin.GRPCPlugin].
func (g *gate) GRPCClient(_ context.Context, broker *goplugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return &connection{AuthenticatorClient: contract.NewAuthenticatorClient(conn), broker: broker, version: g.version}, nil
}

// connection is the host's end of the wire to one plugin.
type connection struct {
	contract.AuthenticatorClient
	broker  *goplugin.GRPCBroker
	version int // of the contract
}

// names reports whether the plugin speaks a version of the contract in which it can name its account,
// and say and hear all else that came with that version.
func (c *connection) names() bool { return c.version >= versionAccounts }
