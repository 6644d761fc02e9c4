package taegistest

import (
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// The emulator's words. A zero [Config] has the identities below.
type (
	// Config says who can sign in and how the server behaves.
	Config = emulator.Config
	// Device says how signing in with a device code goes.
	Device = emulator.Device
	// Drift makes the schema another version of itself, as regions run different ones.
	Drift = emulator.Drift
	// User is a person who can sign in.
	User = emulator.User
	// Client is an OAuth client.
	Client = emulator.Client
	// Fault is something that goes wrong on a route.
	Fault = emulator.Fault
	// Request is what the server recorded of a request.
	Request = emulator.Request
)

// Generations of sign-in endpoints, for Config.Endpoints.
const (
	BothGenerations = emulator.BothGenerations
	NewerOnly       = emulator.NewerOnly
	OlderOnly       = emulator.OlderOnly
)

// How a sign-in answer tells the token's life, for Config.Expiry.
const (
	ExpiresIn  = emulator.ExpiresIn
	ExpiryTime = emulator.ExpiryTime
	ExpiryNone = emulator.ExpiryNone
)

// The identities of a zero [Config]: a client, and three people who sign in by single sign-on,
// with a password, and with a password and a second factor.
const (
	DemoTenant       = emulator.DemoTenant
	DemoClientID     = emulator.DemoClientID
	DemoClientSecret = emulator.DemoClientSecret
	DemoSSOUser      = emulator.DemoSSOUser
	DemoUser         = emulator.DemoUser
	DemoMFAUser      = emulator.DemoMFAUser
	DemoPassword     = emulator.DemoPassword
	DemoMFACode      = emulator.DemoMFACode
)

// Errors of Approve and Deny.
var (
	// ErrUnknownCode is returned for a user code that is not waiting for a decision.
	ErrUnknownCode = emulator.ErrUnknownCode
	// ErrUnknownUser is returned for the name of nobody.
	ErrUnknownUser = emulator.ErrUnknownUser
)

// Server is Taegis on loopback. Beside the fields it has these controls:
//
//	Configure(func(*Config))            changes the configuration at run time
//	AddClient(Client)                   makes an OAuth client known
//	Token(name) string                  an access token of a user or client
//	Revoke(token), RevokeAll()          make tokens rejected
//	Approve(code, user), Deny(code)     decide on a device code as a person would
//	AddFault(route, Fault) (remove)     lets a route go wrong; ClearFaults() ends all
//	Count(route) int                    requests that a route has had
//	Executed(operation) int             executions of an operation
//	Await(ctx, route, count) error      waits for requests to arrive
//	Requests() []Request                the record of requests
//	Routes() []string                   the paths that it serves
//	Schema(gateway) (*ast.Schema, error) the schema that a gateway ("/graphql") serves now
//
// A route is a path ("/graphql"), an operation ("createClient"), both ("/graphql createClient"),
// or "" for everything.
type Server struct {
	*emulator.Server
	// Environment has the server as all of its bases.
	Environment core.Environment
}

// NewServer starts Taegis on a free port of 127.0.0.1 and closes it when the test ends. Each
// change is applied to a zero [Config] first.
func NewServer(t testing.TB, changes ...func(*Config)) *Server {
	t.Helper()
	var config Config
	for _, change := range changes {
		change(&config)
	}
	running, err := emulator.Start("127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Close)
	environment, err := core.NewEnvironment("loopback", running.URL)
	if err != nil {
		t.Fatal(err)
	}
	return &Server{Server: running, Environment: environment}
}
