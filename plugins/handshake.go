package plugins

import (
	"context"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/taegis-go/taegis/plugins/internal/contract"
)

// protocolVersion is the version of the contract. Host and plugin each offer what they speak, and
// the newest that both do is used.
const protocolVersion = 1

// cookie tells a program that it was started as a plugin and not by a user. It protects nothing.
var cookie = goplugin.HandshakeConfig{
	ProtocolVersion:  protocolVersion,
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
	server *server // nil in the host
}

var _ goplugin.GRPCPlugin = (*gate)(nil)

func versions(g *gate) map[int]goplugin.PluginSet {
	return map[int]goplugin.PluginSet{protocolVersion: {service: g}}
}

// GRPCServer is part of [goplugin.GRPCPlugin].
func (g *gate) GRPCServer(broker *goplugin.GRPCBroker, s *grpc.Server) error {
	g.server.broker = broker
	contract.RegisterAuthenticatorServer(s, g.server)
	return nil
}

// GRPCClient is part of [goplugin.GRPCPlugin].
func (g *gate) GRPCClient(_ context.Context, broker *goplugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return &connection{AuthenticatorClient: contract.NewAuthenticatorClient(conn), broker: broker}, nil
}

// connection is the host's end of the wire to one plugin.
type connection struct {
	contract.AuthenticatorClient
	broker *goplugin.GRPCBroker
}
