package plugins_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/taegis-go/taegis/plugins/internal/contract"
)

// bare is go-plugin without anything of ours but the contract.
type bare struct {
	goplugin.NetRPCUnsupportedPlugin
	contract.UnimplementedAuthenticatorServer
}

func (b bare) GRPCServer(_ *goplugin.GRPCBroker, s *grpc.Server) error {
	contract.RegisterAuthenticatorServer(s, b)
	return nil
}

func (bare) GRPCClient(_ context.Context, _ *goplugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return contract.NewAuthenticatorClient(conn), nil
}

func (bare) Authenticate(context.Context, *contract.AuthenticateRequest) (*contract.AuthenticateResponse, error) {
	return &contract.AuthenticateResponse{Outcome: &contract.AuthenticateResponse_Token{Token: &contract.Token{AccessToken: "opaque"}}}, nil
}

var bareHandshake = goplugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: "BARE", MagicCookieValue: "bare"}

func serveBare() {
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig: bareHandshake,
		Plugins:         goplugin.PluginSet{"bare": bare{}},
		Logger:          hclog.NewNullLogger(),
		GRPCServer:      goplugin.DefaultGRPCServer,
	})
}

// startBare measures the start of a plugin up to its first answer with go-plugin alone.
func startBare(t *testing.T, s *fixture) time.Duration {
	t.Helper()
	sum, err := hex.DecodeString(s.SHA256[0])
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	cmd := exec.Command(s.Path)
	cmd.Env = []string{actVariable + "=bare", "GORACE=atexit_sleep_ms=0"}
	client := goplugin.NewClient(&goplugin.ClientConfig{
		HandshakeConfig:  bareHandshake,
		Plugins:          goplugin.PluginSet{"bare": bare{}},
		Cmd:              cmd,
		SecureConfig:     &goplugin.SecureConfig{Checksum: sum, Hash: sha256.New()},
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		AutoMTLS:         true,
		SkipHostEnv:      true,
		StartTimeout:     time.Minute,
		Logger:           hclog.NewNullLogger(),
		Stderr:           new(bytes.Buffer),
	})
	defer client.Kill()
	protocol, err := client.Client()
	if err != nil {
		t.Fatal(err)
	}
	dispensed, err := protocol.Dispense("bare")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dispensed.(contract.AuthenticatorClient).Authenticate(t.Context(), &contract.AuthenticateRequest{}); err != nil {
		t.Fatal(err)
	}
	return time.Since(start)
}

func startOurs(t *testing.T, s *fixture) time.Duration {
	t.Helper()
	start := time.Now()
	p := s.open(t)
	defer p.Close()
	if _, err := p.Authenticate(t.Context(), s.request()); err != nil {
		t.Fatal(err)
	}
	return time.Since(start)
}

// TestStartTime compares the start of a pinned plugin with mutual TLS, up to the first answer,
// with what go-plugin alone needs for the same.
func TestStartTime(t *testing.T) {
	const goal = 1.25
	s := play(t, "opaque")
	var ours, theirs []time.Duration
	for range 11 { // in turn, so that a busy moment hits both
		theirs = append(theirs, startBare(t, s))
		ours = append(ours, startOurs(t, s))
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	a, b := ours[len(ours)/2], theirs[len(theirs)/2]
	ratio := float64(a) / float64(b)
	t.Logf("start to first answer, median of %d: %v, go-plugin alone %v, ratio %.2f (goal %.2f)", len(ours), a, b, ratio, goal)
	if ratio > 1+10*(goal-1) {
		t.Errorf("the ratio is %.2f", ratio)
	}
}
