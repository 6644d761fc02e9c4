// Oldcontract speaks version 1 of the contract and no other, with go-plugin and the code that is
// generated from that version alone: started by a host it is a plugin, and with the path of a plugin
// it is a host that logs in once and prints the token.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	contract "github.com/taegis-go/taegis/plugins/testdata/v1"
)

func main() {
	if len(os.Args) < 2 {
		goplugin.Serve(&goplugin.ServeConfig{
			HandshakeConfig: handshake, VersionedPlugins: versions, Logger: hclog.NewNullLogger(), GRPCServer: goplugin.DefaultGRPCServer,
		})
		return
	}
	if err := logIn(os.Args[1], os.Args[2:]); err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
}

var (
	handshake = goplugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: "TAEGIS_PLUGIN", MagicCookieValue: "taegis-authenticator"}
	versions  = map[int]goplugin.PluginSet{1: {"authenticator": &side{}}}
)

// side is one end of the wire.
type side struct {
	goplugin.NetRPCUnsupportedPlugin
	contract.UnimplementedAuthenticatorServer
	contract.UnimplementedPromptServer

	broker *goplugin.GRPCBroker
	client contract.AuthenticatorClient
}

// GRPCServer registers the plugin.
func (s *side) GRPCServer(broker *goplugin.GRPCBroker, server *grpc.Server) error {
	contract.RegisterAuthenticatorServer(server, &side{broker: broker})
	return nil
}

// GRPCClient returns the host's end.
func (s *side) GRPCClient(_ context.Context, broker *goplugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return &side{broker: broker, client: contract.NewAuthenticatorClient(conn)}, nil
}

// Describe says what the plugin looks up.
func (s *side) Describe(context.Context, *contract.DescribeRequest) (*contract.DescribeResponse, error) {
	return &contract.DescribeResponse{Settings: []string{"reader"}}, nil
}

// Authenticate makes a token of the user's answer.
func (s *side) Authenticate(ctx context.Context, m *contract.AuthenticateRequest) (*contract.AuthenticateResponse, error) {
	if len(m.ProtoReflect().GetUnknown()) > 0 {
		return nil, fmt.Errorf("the request has fields of another version: %x", m.ProtoReflect().GetUnknown())
	}
	answer := "none"
	if id := m.GetAsking().GetPrompt(); id != 0 {
		conn, err := s.broker.Dial(id)
		if err != nil {
			return nil, err
		}
		defer func() { _ = conn.Close() }()
		said, err := contract.NewPromptClient(conn).AskText(ctx, &contract.AskRequest{Label: "Badge:"})
		if err != nil {
			return nil, err
		}
		answer = said.GetAnswer()
	}
	return &contract.AuthenticateResponse{Outcome: &contract.AuthenticateResponse_Token{Token: &contract.Token{
		AccessToken: "old-" + answer, Expiry: timestamppb.New(time.Now().Add(time.Hour)),
	}}}, nil
}

// AskText answers as a user would.
func (s *side) AskText(context.Context, *contract.AskRequest) (*contract.AskResponse, error) {
	return &contract.AskResponse{Answer: "4711"}, nil
}

// logIn is the host.
func logIn(program string, variables []string) error {
	cmd := exec.Command(program)
	cmd.Env = variables
	client := goplugin.NewClient(&goplugin.ClientConfig{
		HandshakeConfig: handshake, VersionedPlugins: versions, Cmd: cmd, Logger: hclog.NewNullLogger(),
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC}, AutoMTLS: true, SkipHostEnv: true,
	})
	defer client.Kill()
	protocol, err := client.Client()
	if err != nil {
		return err
	}
	dispensed, err := protocol.Dispense("authenticator")
	if err != nil {
		return err
	}
	host := dispensed.(*side)
	described, err := host.client.Describe(context.Background(), &contract.DescribeRequest{})
	if err != nil {
		return err
	}
	if unknown := described.ProtoReflect().GetUnknown(); len(unknown) > 0 {
		fmt.Printf("the description has fields of another version: %x\n", unknown)
	}
	id := host.broker.NextId()
	go host.broker.AcceptAndServe(id, func(options []grpc.ServerOption) *grpc.Server {
		server := grpc.NewServer(options...)
		contract.RegisterPromptServer(server, host)
		return server
	})
	answer, err := host.client.Authenticate(context.Background(), &contract.AuthenticateRequest{
		Environment: &contract.Environment{Name: "charlie", ApiUrl: "https://api.ctpx.secureworks.com"},
		Asking:      &contract.Asking{Prompt: id, AskText: true, AskSecret: false, Notify: false},
	})
	if err != nil {
		return err
	}
	if unknown := answer.ProtoReflect().GetUnknown(); len(unknown) > 0 {
		return fmt.Errorf("the answer has fields of another version: %x", unknown)
	}
	fmt.Printf("version %d, token %s, failure %q\n", client.NegotiatedVersion(), answer.GetToken().GetAccessToken(), answer.GetFailure().GetReason())
	return nil
}
