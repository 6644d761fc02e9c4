package authn_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports/portstest"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// programVariable makes this binary run as a credential process in place of running the tests. Its
// first argument selects what it does.
const programVariable = "TAEGIS_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(programVariable) != "" {
		play(os.Args[1:])
		return
	}
	os.Exit(m.Run())
}

// play runs a credential process of the tests.
func play(args []string) {
	switch args[0] {
	case "print":
		fmt.Println(args[1])
	case "fail":
		fmt.Println(args[1])
		fmt.Fprintln(os.Stderr, args[1])
		os.Exit(3)
	case "flood":
		for {
			if _, err := os.Stdout.Write(bytes.Repeat([]byte("x"), 64<<10)); err != nil {
				os.Exit(1)
			}
		}
	case "look": // prints what it sees, as the token
		stdin, _ := io.ReadAll(os.Stdin)
		_, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
		seen := fmt.Sprintf("%d|%v|%s", len(stdin), err == nil, strings.Join(os.Environ(), "|"))
		json.NewEncoder(os.Stdout).Encode(map[string]string{"access_token": strings.ReplaceAll(seen, " ", "_")})
	case "hold": // stays, with a child that stays, and tells the test of both
		child := exec.Command(os.Args[0], "stay", args[1])
		child.Stdout = os.Stdout
		if err := child.Start(); err != nil {
			panic(err)
		}
		stay(args[1])
	case "leave": // ends, and leaves a child that holds the output
		child := exec.Command(os.Args[0], "stay", args[1])
		child.Stdout = os.Stdout
		if err := child.Start(); err != nil {
			panic(err)
		}
		fmt.Println(`{"access_token": "opaque"}`)
	case "stay":
		stay(args[1])
	}
}

// stay connects to the test. The connection ends with the process.
func stay(address string) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		panic(err)
	}
	fmt.Fprint(conn, "!")
	io.Copy(io.Discard, conn)
}

// program is a CredentialProcess that runs this binary.
func program(t *testing.T, args ...string) *authn.CredentialProcess {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &authn.CredentialProcess{Command: append([]string{path}, args...), Env: []string{programVariable, "GORACE"}, Timeout: time.Minute}
}

// running are the settings that make this binary a credential process.
func running() map[string]string {
	return map[string]string{programVariable: "1", "GORACE": "atexit_sleep_ms=0"}
}

func TestCredentialProcessConformance(t *testing.T) {
	for name, print := range map[string]string{
		"a token":  `{"access_token": "opaque"}`,
		"a client": fmt.Sprintf(`{"client_id": %q, "client_secret": %q}`, emulator.DemoClientID, emulator.DemoClientSecret),
	} {
		t.Run(name, func(t *testing.T) {
			portstest.Authenticator(t, func(t *testing.T) portstest.Login {
				req := request(taegistest.NewServer(t), running())
				return portstest.Login{Authenticator: program(t, "print", print), Request: req, Secrets: []string{emulator.DemoClientSecret}}
			})
		})
	}
}

func TestCredentialProcessToken(t *testing.T) {
	server := taegistest.NewServer(t)
	authenticator := program(t, "print", `{"access_token": "opaque", "expires_at": "2126-01-02T15:04:05Z", "token_type": "bearer"}`)
	token, err := authenticator.Authenticate(t.Context(), request(server, running()))
	want := time.Date(2126, 1, 2, 15, 4, 5, 0, time.UTC)
	if err != nil || token.AccessToken.Reveal() != "opaque" || !token.Expiry.Equal(want) || token.Origin != authenticator.Name() || token.Host == "" {
		t.Errorf("%+v, %v", token, err)
	}
	client := program(t, "print", fmt.Sprintf(`{"client_id": %q, "client_secret": %q}`, emulator.DemoClientID, emulator.DemoClientSecret))
	token, err = client.Authenticate(t.Context(), request(server, running()))
	if claims, _ := token.Claims(); err != nil || claims.ClientID != emulator.DemoClientID || token.Expiry.IsZero() {
		t.Errorf("%+v, %v", token, err)
	}
	other, _ := client.Account(t.Context(), core.LoginRequest{})
	if mine, _ := authenticator.Account(t.Context(), core.LoginRequest{}); mine == other || !strings.HasPrefix(string(mine), "exec/") {
		t.Errorf("the accounts are %q and %q", mine, other)
	}
}

// Two values of a granted variable are two accounts, and their tokens are stored apart.
func TestCredentialProcessAccountOfVariables(t *testing.T) {
	account := func(command, env []string, settings map[string]string) core.Account {
		t.Helper()
		authenticator := &authn.CredentialProcess{Label: "acme", Command: command, Env: env}
		c, err := authenticator.Account(t.Context(), core.LoginRequest{Lookup: func(name string) (core.Setting, bool) {
			value, ok := settings[name]
			return core.Setting{Value: core.NewSecret(value), Variable: name}, ok
		}})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	command, granted := []string{"acme-token"}, []string{"ACME_BADGE", "ACME_SITE", "PATH", "LANG"}
	first := account(command, granted, map[string]string{"ACME_BADGE": "4711", "PATH": "/bin"})
	seen := map[core.Account]string{first: "first"}
	for name, c := range map[string]core.Account{
		"another badge":               account(command, granted, map[string]string{"ACME_BADGE": "4712", "PATH": "/bin"}),
		"no badge":                    account(command, granted, map[string]string{"PATH": "/bin"}),
		"a site too":                  account(command, granted, map[string]string{"ACME_BADGE": "4711", "ACME_SITE": "x"}),
		"the value of another name":   account(command, granted, map[string]string{"ACME_SITE": "4711"}),
		"an argument, not a variable": account([]string{"acme-token", "ACME_BADGE=4711"}, nil, nil),
	} {
		if other, twice := seen[c]; twice {
			t.Errorf("%s has the account of: %s", name, other)
		}
		seen[c] = name
	}
	for name, c := range map[string]core.Account{
		"another PATH":           account(command, granted, map[string]string{"ACME_BADGE": "4711", "PATH": "/usr/bin", "LANG": "C"}),
		"another order":          account(command, []string{"PATH", "ACME_SITE", "ACME_BADGE"}, map[string]string{"ACME_BADGE": "4711"}),
		"what it cannot see":     account(command, granted, map[string]string{"ACME_BADGE": "4711", "HOME": "/home/ann"}),
		"granted twice":          account(command, append(granted, "ACME_BADGE"), map[string]string{"ACME_BADGE": "4711"}),
		"a variable of no value": account(command, granted, map[string]string{"ACME_BADGE": "4711", "ACME_SITE": ""}),
	} {
		if c != first {
			t.Errorf("%s is another account", name)
		}
	}
	for c := range seen {
		if strings.Contains(string(c), "471") || len(c) > 40 {
			t.Errorf("the account %s contains a value", c)
		}
	}
	if c := account(command, granted, nil); c != account(command, nil, nil) {
		t.Error("variables that are not set make another account")
	}
}

// A program does not receive the environment, so its token is for the client's own.
func TestCredentialProcessTokenIsNotForAnotherEnvironment(t *testing.T) {
	req := request(taegistest.NewServer(t), running())
	req.HomeEnvironment = "charlie"
	token, err := program(t, "print", `{"access_token": "opaque"}`).Authenticate(t.Context(), req)
	if !errors.Is(err, core.ErrUnavailable) || !token.IsZero() || !strings.Contains(err.Error(), "is for charlie") || core.Hint(err) == "" {
		t.Errorf("%+v, %v", token, err)
	}
}

func TestCredentialProcessFaults(t *testing.T) {
	const secret = "hunter2-hunter2-hunter2"
	server := taegistest.NewServer(t)
	for name, test := range map[string]struct {
		args   []string
		style  authn.AuthStyle
		denied bool
		words  string
	}{
		"it fails":         {args: []string{"fail", secret}, words: "exit status 3"},
		"no JSON":          {args: []string{"print", secret}, words: "24 bytes that are not a JSON object"},
		"no strings":       {args: []string{"print", `{"access_token": ["` + secret + `"]}`}, words: "not a JSON object of strings"},
		"nothing in it":    {args: []string{"print", `{}`}, words: "neither a token nor complete client credentials"},
		"half a client":    {args: []string{"print", `{"client_secret": "` + secret + `"}`}, words: "neither a token nor complete client credentials"},
		"both":             {args: []string{"print", `{"access_token": "` + secret + `", "client_id": "x"}`}, words: "both a token and client credentials"},
		"two tokens":       {args: []string{"print", `{"access_token": "` + secret + ` x"}`}, words: "no header can hold"},
		"a strange date":   {args: []string{"print", `{"access_token": "` + secret + `", "expires_at": "` + secret + `"}`}, words: "expires_at that is not a date"},
		"too much":         {args: []string{"flood"}, words: "more than 1 MiB"},
		"a refused client": {args: []string{"print", `{"client_id": "x", "client_secret": "` + secret + `"}`}, denied: true, words: "answered 401"},
		"unknown style":    {args: []string{"print", `{"client_id": "x", "client_secret": "y"}`}, style: "x", words: "unknown style"},
	} {
		t.Run(name, func(t *testing.T) {
			authenticator := program(t, test.args...)
			authenticator.AuthStyle = test.style
			_, err := authenticator.Authenticate(t.Context(), request(server, running()))
			wantFailure(t, err, test.denied, authenticator.Name(), test.words)
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error contains the output: %v", err)
			}
		})
	}
	absent := &authn.CredentialProcess{Command: []string{"/nonexistent/get token.exe"}}
	_, err := absent.Authenticate(t.Context(), request(server, nil))
	wantFailure(t, err, false, "exec:get-token", "no such file")
	_, err = (&authn.CredentialProcess{}).Authenticate(t.Context(), request(server, nil))
	wantNext(t, err, "no command is set")
}

// TestCredentialProcessIsIsolated checks what a program gets from its host.
func TestCredentialProcessIsIsolated(t *testing.T) {
	t.Setenv("TAEGIS_TEST_CANARY", "canary")
	settings := running()
	settings["CLIENT_SECRET"] = "canary"
	token, err := program(t, "look").Authenticate(t.Context(), request(taegistest.NewServer(t), settings))
	if err != nil {
		t.Fatal(err)
	}
	seen := strings.Split(token.AccessToken.Reveal(), "|")
	if seen[0] != "0" || seen[1] != "false" {
		t.Errorf("the program has a stdin or a terminal: %q", seen[:2])
	}
	for _, variable := range seen[2:] {
		name, _, _ := strings.Cut(variable, "=")
		if name != programVariable && name != "GORACE" && name != "SYSTEMROOT" {
			t.Errorf("the program sees %s", variable)
		}
	}
}

// tenants accepts the connections of running processes.
func tenants(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func moveIn(t *testing.T, l net.Listener) net.Conn {
	t.Helper()
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestCredentialProcessTimeout checks that the timeout ends a program and its child processes,
// which share its output.
func TestCredentialProcessTimeout(t *testing.T) {
	l := tenants(t)
	authenticator := program(t, "hold", l.Addr().String())
	authenticator.Timeout = 2 * time.Second
	start := time.Now()
	_, err := authenticator.Authenticate(t.Context(), request(taegistest.NewServer(t), running()))
	t.Logf("a program with a limit of %v was ended after %v", authenticator.Timeout, time.Since(start))
	wantFailure(t, err, false, "did not end within 2s")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v", err)
	}
	for range 2 {
		moveIn(t, l).Read(make([]byte, 1)) // returns when the process ends
	}
}

// TestCredentialProcessLeftovers checks that a child process that still has the output does not
// delay the result of a program that has ended.
func TestCredentialProcessLeftovers(t *testing.T) {
	l := tenants(t)
	start := time.Now()
	token, err := program(t, "leave", l.Addr().String()).Authenticate(t.Context(), request(taegistest.NewServer(t), running()))
	t.Logf("a program that left a child behind was done after %v", time.Since(start))
	if err != nil || token.AccessToken.Reveal() != "opaque" {
		t.Errorf("%+v, %v", token, err)
	}
	moveIn(t, l) // and lets it go
}
