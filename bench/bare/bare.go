// Package bare is the least contract that go-plugin can carry: one call that returns a text.
package bare

import (
	"context"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// Handshake is what both sides agree on.
var Handshake = goplugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: "BARE", MagicCookieValue: "bare"}

// Plugins is the one plugin, on both sides.
var Plugins = goplugin.PluginSet{"bare": plugin{}}

// Serve serves a token until the host leaves.
func Serve(token string) {
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig: Handshake,
		Plugins:         goplugin.PluginSet{"bare": plugin{token: token}},
		Logger:          hclog.NewNullLogger(),
		GRPCServer:      goplugin.DefaultGRPCServer,
	})
}

// Call asks for the token.
type Call func(context.Context) (string, error)

const method = "/bare.Tokens/Token"

type plugin struct {
	goplugin.NetRPCUnsupportedPlugin
	token string
}

func (p plugin) GRPCServer(_ *goplugin.GRPCBroker, s *grpc.Server) error {
	s.RegisterService(&grpc.ServiceDesc{
		ServiceName: "bare.Tokens", HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{MethodName: "Token", Handler: func(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			return wrapperspb.String(p.token), decode(new(emptypb.Empty))
		}}},
	}, p)
	return nil
}

func (plugin) GRPCClient(_ context.Context, _ *goplugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return Call(func(ctx context.Context) (string, error) {
		var token wrapperspb.StringValue
		err := conn.Invoke(ctx, method, new(emptypb.Empty), &token)
		return token.GetValue(), err
	}), nil
}
