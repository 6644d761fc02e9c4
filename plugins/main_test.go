package plugins_test

import (
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins"
)

// TestMain runs the tests, or one of the programs that they start: this binary is them all.
func TestMain(m *testing.M) {
	if act, ok := acts[os.Getenv(actVariable)]; ok {
		act()
		return
	}
	goleak.VerifyTestMain(m)
}

// actVariable names what this binary is to do in place of running the tests.
const actVariable = "TAEGIS_TEST_ACT"

var self = sync.OnceValues(func() (path string, err error) { return os.Executable() })

var pin = sync.OnceValues(func() (string, error) {
	path, err := self()
	if err != nil {
		return "", err
	}
	return plugins.Checksum(path)
})

// fixture is a plugin that this binary plays, and what its host knows.
type fixture struct {
	plugins.Config
	variables map[string]string
}

func play(t testing.TB, act string) *fixture {
	t.Helper()
	if acts[act] == nil {
		t.Fatalf("there is no act %q", act)
	}
	path, err := self()
	if err != nil {
		t.Fatal(err)
	}
	sum, err := pin()
	if err != nil {
		t.Fatal(err)
	}
	return &fixture{
		Config: plugins.Config{Name: act, Path: path, SHA256: []string{sum}, Env: []string{actVariable, "GORACE"}},
		variables: map[string]string{
			actVariable: act,
			"GORACE":    "atexit_sleep_ms=0",
		},
	}
}

// repin pins the program that is there now.
func (s *fixture) repin(t testing.TB) {
	t.Helper()
	sum, err := plugins.Checksum(s.Path)
	if err != nil {
		t.Fatal(err)
	}
	s.SHA256 = []string{sum}
}

// open opens the plugin, and closes it with the test.
func (s *fixture) open(t testing.TB) *plugins.Plugin {
	t.Helper()
	p, err := plugins.New(s.Config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// request logs in to an environment that no act asks.
func (s *fixture) request() core.LoginRequest {
	env, err := core.FindEnvironment("charlie")
	if err != nil {
		panic(err)
	}
	return core.LoginRequest{
		Environment: env,
		Retry:       core.RetryLimits{MaxTries: 3, MaxTime: 20 * time.Second},
		Lookup: func(name string) (core.Setting, bool) {
			value, ok := s.variables[name]
			return core.Setting{Value: core.NewSecret(value), Variable: name}, ok
		},
	}
}
