// Package bare is a minimal contract for go-plugin: one call that returns a text.
package bare

import (
	"context"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// Handshake is the handshake of both sides.
var Handshake = goplugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: "BARE", MagicCookieValue: "bare"}

// Plugins contains the only plugin, for both sides.
var Plugins = goplugin.PluginSet{"bare": plugin{}}

// Serve serves a token until the host disconnects.
func Serve(token string) {
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig: Handshake,
		Plugins:         goplugin.PluginSet{"bare": plugin{token: token}},
		Logger:          hclog.NewNullLogger(),
		GRPCServer:      goplugin.DefaultGRPCServer,
	})
}

// Call returns the token.
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
