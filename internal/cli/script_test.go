package cli_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/taegis-go/taegis/internal/cli"
	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// programs are the programs that this test binary is under other names.
var programs = map[string]func(){
	"taegis": func() {
		leaveTerminal()
		os.Exit(cli.Main())
	},
	"hold":    runHold,
	"service": runService,
	"print":   func() { fmt.Println(strings.Join(os.Args[1:], " ")) }, // not every system has an echo
}

// raceOptions prevent processes with the race detector from sleeping for a second at their end.
const raceOptions = "atexit_sleep_ms=0"

func TestMain(m *testing.M) {
	if os.Getenv("TAEGIS_PLUGIN") != "" { // under any name
		actAsPlugin()
		return
	}
	testscript.Main(m, programs)
}

func TestScripts(t *testing.T) { runScripts(t, filepath.Join("testdata", "script")) }

// runScripts runs the scripts of a folder, each with a new home folder and without the developer's
// variables.
func runScripts(t *testing.T, folder string) {
	testscript.Run(t, testscript.Params{
		Dir: folder,
		Setup: func(env *testscript.Env) error {
			home := filepath.Join(env.WorkDir, "home")
			env.Setenv("HOME", home)
			env.Setenv("USERPROFILE", home)
			env.Setenv("GORACE", raceOptions)
			taegis, err := exec.LookPath("taegis")
			if err != nil {
				return err
			}
			env.Setenv("TAEGIS", taegis)
			env.Setenv("PROGRAMS", programsUnder(env, home))
			env.Setenv("CONFIG", filepath.Join(home, ".taegis_sdk_python", "config"))
			return os.Mkdir(home, 0o700)
		},
		Condition: func(name string) (bool, error) {
			switch name {
			case "root":
				return os.Geteuid() == 0, nil
			case "machine":
				return canBeMachine(), nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve":       serve,
			"uploads":     uploads,
			"requests":    requests,
			"mint":        mint,
			"moved":       moved,
			"revoke":      revoke,
			"fault":       fault,
			"code":        code,
			"plugin":      plugin,
			"append":      appendTo,
			"count":       count,
			"giveaway":    giveAway,
			"edit":        edit,
			"spoil":       spoil,
			"machine":     machine,
			"stranger":    stranger,
			"asroot":      asRoot,
			"await":       await,
			"signed":      signed,
			"spoilfolder": spoilFolder,
		},
	})
}

// servers are the emulators of the scripts that run.
var servers sync.Map // of *testscript.TestScript to *emulator.Server

func serverOf(ts *testscript.TestScript) *emulator.Server {
	server, ok := servers.Load(ts)
	if !ok {
		ts.Fatalf("serve comes first")
	}
	return server.(*emulator.Server)
}

// serve starts an emulator and points the script at it: serve [--legacy] [--poll] …
func serve(ts *testscript.TestScript, _ bool, args []string) {
	config := emulator.Config{
		Device: emulator.Device{ApproveAfter: 50 * time.Millisecond},
		Clients: append(emulator.DemoClients(),
			emulator.Client{ID: "other-client", Secret: "other-client-secret"}),
	}
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	legacy := flags.Bool("legacy", false, "serve only the legacy endpoints")
	flags.BoolVar(&config.Device.Poll, "poll", false, "let devices poll")
	flags.IntVar(&config.Device.SlowDown, "slow-down", 0, "first polls to answer with slow_down")
	flags.BoolVar(&config.NoUserLogin, "no-user-login", false, "do not tell which way a user logs in")
	flags.IntVar(&config.MFAStatus, "mfa-status", http.StatusOK, "status that asks for a second factor")
	flags.DurationVar(&config.TokenLifetime, "token-lifetime", time.Hour, "lifetime of a token")
	flags.BoolVar(&config.NoIntrospection, "no-introspection", false, "tell no schema")
	flags.IntVar(&config.Behavior.Limit.Requests, "rate-limit", 0, "requests a second of an account")
	flags.IntVar(&config.Corpus.Tenants, "tenants", 0, "child tenants of the tenant")
	flags.IntVar(&config.Corpus.Alerts, "alerts", 0, "alerts of the tenant")
	flags.IntVar(&config.Corpus.Events, "events", 0, "events of the tenant")
	flags.IntVar(&config.Corpus.Cases, "cases", 0, "cases of the tenant")
	flags.IntVar(&config.Corpus.Audits, "audits", 0, "audit events of the tenant")
	flags.DurationVar(&config.Corpus.Span, "span", 0, "period in which the records were created")
	notMoved := flags.String("not-moved", "", "tenant that has not moved to the successor")
	failType := flags.String("fail-type", "", "type of events for which searches fail")
	drift := flags.Bool("drift", false, "another version of the schema")
	foreign := flags.String("foreign", "", "tenant that is no child of the others, with the client foreign-client")
	never := flags.Bool("never-approve", false, "approve no device codes")
	ts.Check(flags.Parse(args))
	if *foreign != "" {
		config.Clients = append(config.Clients, emulator.Client{ID: "foreign-client", Secret: "foreign-client-secret", Tenant: *foreign})
	}
	if *failType != "" {
		config.Behavior.FailTypes = []string{*failType}
	}
	if *notMoved != "" {
		config.Fusion.NotMoved = []string{*notMoved}
	}
	if *legacy {
		config.Endpoints = emulator.EndpointsLegacy
	}
	if *drift {
		config.Drift.Seed = 1
	}
	if *never {
		config.Device.ApproveAfter = 0
	}
	server, err := emulator.Start("127.0.0.1:0", config)
	ts.Check(err)
	ts.Defer(server.Close)
	ts.Setenv("TAEGIS_API_URL", server.URL)
	servers.Store(ts, server)
	ts.Defer(func() { servers.Delete(ts) })
}

// requests checks how many requests a route has had: requests ROUTE COUNT
func requests(ts *testscript.TestScript, _ bool, args []string) {
	if got, want := serverOf(ts).Count(args[0]), args[1]; strconv.Itoa(got) != want {
		ts.Fatalf("%s has had %d requests, want %s", args[0], got, want)
	}
}

// mint sets a variable to a new access token of a user or client: mint VARIABLE NAME
func mint(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], serverOf(ts).Token(args[1]))
}

// moved sets a variable to the id that a tenant has on the successor: moved VARIABLE TENANT
func moved(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], serverOf(ts).FusionTenant(args[1]))
}

// revoke makes the server reject every token so far.
func revoke(ts *testscript.TestScript, _ bool, _ []string) { serverOf(ts).RevokeAll() }

// fault makes a route fail from now on: fault ROUTE STATUS|drop
func fault(ts *testscript.TestScript, _ bool, args []string) {
	status, _ := strconv.Atoi(args[1])
	serverOf(ts).AddFault(args[0], emulator.Fault{Status: status, Drop: status == 0})
}

// code checks the exit code of a program, and that it does not hang: code 4 taegis …
func code(ts *testscript.TestScript, _ bool, args []string) {
	const goal = time.Second
	start := time.Now()
	err := ts.Exec(args[1], args[2:]...)
	took := time.Since(start)
	ts.Logf("took %v (goal %v)", took.Round(time.Millisecond), goal)
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
	if took > 30*goal {
		ts.Fatalf("took %v", took)
	}
}

// TestVersionStartsQuickly checks that the command starts in a few milliseconds.
func TestVersionStartsQuickly(t *testing.T) {
	program, err := exec.LookPath("taegis")
	if err != nil {
		t.Fatal(err)
	}
	best := time.Hour
	for range 5 {
		cmd := exec.CommandContext(t.Context(), program, "version")
		cmd.Env = append(os.Environ(), "GORACE="+raceOptions)
		start := time.Now()
		out, err := cmd.Output()
		if err != nil || !strings.HasPrefix(string(out), "taegis ") {
			t.Fatalf("%v: %s", err, out)
		}
		best = min(best, time.Since(start))
	}
	testutil.Within(t, "taegis version", best, 100*time.Millisecond)
}

// TestWithTokenCanBeInterrupted checks that an interrupt ends the command while it reads from a
// pipe.
func TestWithTokenCanBeInterrupted(t *testing.T) {
	loggedInServer(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var stderr bytes.Buffer
	code := cli.Run(ctx, []string{"auth", "login", "--with-token"}, endless(interrupt), io.Discard, &stderr)
	if code != 130 || stderr.String() != "taegis: interrupted\n" {
		t.Errorf("exit code %d, stderr %q", code, stderr.String())
	}
}

// endless is a pipe that is never written to. It reports when it is read.
type endless func()

func (reading endless) Read([]byte) (int, error) {
	reading()
	select {}
}
