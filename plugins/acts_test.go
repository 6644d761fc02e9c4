package plugins_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	goplugin "github.com/hashicorp/go-plugin"

	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/digest"
	"github.com/taegis-go/taegis/internal/subprocess"
	"github.com/taegis-go/taegis/plugins"
)

// acts are the programs that this binary plays.
var acts = map[string]func(){
	// Well-behaved plugins.
	"opaque":   serve(func(context.Context, core.LoginRequest) (core.Token, error) { return opaque("opaque") }),
	"client":   func() { plugins.Serve(&authn.ClientCredentials{}) },
	"device":   func() { plugins.Serve(&authn.DeviceCode{}) },
	"given":    func() { plugins.Serve(&authn.StaticToken{Token: core.NewSecret("opaque")}) },
	"password": func() { plugins.Serve(&authn.Password{}) },
	"wanting":  func() { plugins.Serve(requiring{}) },
	"asker":    serve(ask),
	"fetcher":  serve(fetch),
	"agent": serve(func(_ context.Context, req core.LoginRequest) (core.Token, error) {
		return core.NewToken("agent."+digest.Of(req.UserAgent), time.Now()), nil
	}),
	"asker-of-text": func() { plugins.Serve(chatty{}) },
	"reader":        func() { plugins.Serve(reader{}) },
	"unreachable":   serve(unreachable),
	"outcomes":      serve(outcome),
	"held":          serve(hold),
	"launch":        serve(launch),
	"snoop":         serve(snoop),
	"badge": serve(func(context.Context, core.LoginRequest) (core.Token, error) {
		return opaque("badge-" + os.Getenv("ACME_BADGE"))
	}),

	"pid": serve(func(context.Context, core.LoginRequest) (core.Token, error) {
		return opaque("pid-" + strconv.Itoa(os.Getpid()))
	}),

	// Others.
	"crash-at-start": func() {
		fmt.Fprintln(os.Stderr, "cannot find the badge reader; key "+strings.Repeat("k", 40))
		os.Exit(3)
	},
	"hang-at-start":   func() { select {} },
	"silent-at-start": func() { os.Stdout.Close(); select {} },
	"rubbish": func() {
		fmt.Println("Welcome to \x1b[31mACME\x07 login!")
		select {}
	},
	"rubbish-without-end": func() {
		for {
			os.Stdout.Write(bytes.Repeat([]byte("rubbish "), 8192))
		}
	},
	"not-a-listener": func() {
		fmt.Println("1|1|unix|/nonexistent/socket|grpc|")
		select {}
	},
	"newer": func() {
		goplugin.Serve(&goplugin.ServeConfig{
			HandshakeConfig:  goplugin.HandshakeConfig{MagicCookieKey: "TAEGIS_PLUGIN", MagicCookieValue: "taegis-authenticator"},
			VersionedPlugins: map[int]goplugin.PluginSet{7: {"authenticator": bare{}}},
			GRPCServer:       goplugin.DefaultGRPCServer,
		})
	},
	"bare": serveBare,
	"panic": serve(func(context.Context, core.LoginRequest) (core.Token, error) {
		panic("no badge in the reader")
	}),
	"hang": serve(func(context.Context, core.LoginRequest) (core.Token, error) { select {} }),
	"flood": func() {
		flood(os.Stderr)
		plugins.Serve(authenticate(func(context.Context, core.LoginRequest) (core.Token, error) {
			flood(os.Stderr)
			return opaque("flood")
		}))
	},
	"malformed": serve(func(_ context.Context, req core.LoginRequest) (core.Token, error) {
		kind, _ := req.Setting("kind")
		switch kind.Value.Reveal() {
		case "header":
			return opaque("token\r\nX-Evil: 1")
		case "long":
			return opaque(strings.Repeat("t", 100<<10))
		case "huge":
			return opaque(strings.Repeat("t", 2<<20))
		}
		return core.Token{}, nil
	}),
	"host":     host,
	"launched": launched,
}

func opaque(token string) (core.Token, error) {
	return core.Token{AccessToken: core.NewSecret(token)}, nil
}

// serve is a plugin that logs in with f.
func serve(f authenticate) func() { return func() { plugins.Serve(f) } }

// authenticate is an authenticator without an account.
type authenticate func(context.Context, core.LoginRequest) (core.Token, error)

func (authenticate) Account(context.Context, core.LoginRequest) (core.Account, error) {
	return "", nil
}

func (f authenticate) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	return f(ctx, req)
}

// requiring says what it looks up, and that it cannot try.
type requiring struct{}

func (requiring) Requirements() plugins.Requirements {
	return plugins.Requirements{Settings: []string{"broker_url"}, Env: []string{"ACME_BADGE"}}
}

func (requiring) Account(context.Context, core.LoginRequest) (core.Account, error) {
	return "", &core.UnavailableError{Reason: "ACME_BADGE is not set", HintText: "set it"}
}

func (requiring) Authenticate(context.Context, core.LoginRequest) (core.Token, error) {
	return opaque("never")
}

// ask asks everything that can be asked, and makes a token of the answers.
func ask(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	if err := req.CanPrompt(); err != nil {
		return core.Token{}, err
	}
	p := req.Prompt
	p.Notify(ctx, "looking for the reader\x1b[2J")
	if name, ok := req.Setting("link"); ok {
		if err := p.ShowVerification(ctx, core.Verification{URI: name.Value.Reveal(), UserCode: "AB-12"}); err != nil {
			return core.Token{}, err
		}
		if wait, ok := req.Setting("wait"); ok {
			d, _ := time.ParseDuration(wait.Value.Reveal())
			select {
			case <-time.After(d):
			case <-ctx.Done():
				return core.Token{}, ctx.Err()
			}
		}
	}
	badge, err := p.AskText(ctx, "Badge:")
	if err != nil {
		return core.Token{}, err
	}
	code, err := p.AskSecret(ctx, "Code:")
	if err != nil {
		return core.Token{}, err
	}
	if _, leak := req.Setting("leak"); leak {
		return core.Token{}, errors.New("the code " + code.Reveal() + " of " + badge + " is wrong")
	}
	if p.Countdown != nil {
		p.Countdown(ctx, 3*time.Second)
	}
	return opaque(badge + "-" + code.Reveal())
}

// fetch makes a token of what a server says.
func fetch(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	address, _ := req.Setting("address")
	res, err := req.Client().Get(address.Value.Reveal())
	if err != nil {
		return core.Token{}, &core.LoginError{Authenticator: "x", Reason: err.Error(), Err: &core.ConnectionError{Operation: "x", Host: "broker", Err: err}}
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return core.Token{}, err
	}
	return opaque(string(text))
}

// outcome fails as the setting says.
func outcome(_ context.Context, req core.LoginRequest) (core.Token, error) {
	which, _ := req.Setting("outcome")
	failure := &core.LoginError{Authenticator: "acme", Reason: "the reason", HintText: "the hint", Status: 418}
	switch which.Value.Reveal() {
	case "unavailable":
		return core.Token{}, &core.UnavailableError{Reason: "the reason", HintText: "the hint"}
	case "refused":
		failure.Denied = true
	case "transient":
		failure.Err = &core.ConnectionError{Operation: "x", Host: "broker.example", Err: io.ErrUnexpectedEOF}
	case "cancelled":
		failure.Err = fmt.Errorf("at the reader: %w", core.ErrCancelled)
	case "plain":
		return core.Token{}, errors.New("the reason")
	}
	return core.Token{}, failure
}

// hold tells the test who it is, and is busy until the context ends. What the test hears last
// is the end of the process.
func hold(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	address, _ := req.Setting("address")
	conn, err := net.Dial("tcp", address.Value.Reveal())
	if err != nil {
		return core.Token{}, err
	}
	fmt.Fprintln(os.Stderr, "holding on")
	fmt.Fprintln(conn, strconv.Itoa(os.Getpid())+" "+os.Getenv(goplugin.EnvUnixSocketDir))
	if _, asks := req.Setting("asks"); asks {
		_, err = req.Prompt.AskText(ctx, "Badge:")
		fmt.Fprintln(conn, "asked:", err)
		return core.Token{}, err
	}
	if _, deaf := req.Setting("deaf"); deaf {
		select {}
	}
	<-ctx.Done()
	fmt.Fprintln(conn, "the context ended")
	if _, slow := req.Setting("slow"); slow {
		_, _ = conn.Read(make([]byte, 1)) // until the test lets it end
		fmt.Fprintln(conn, "tidied up")
	}
	return core.Token{}, ctx.Err()
}

// launch waits for a program in a session of its own, as the plugin of pass does.
func launch(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	address, _ := req.Setting("address")
	path, err := self()
	if err != nil {
		return core.Token{}, err
	}
	env := []string{actVariable + "=launched", "ADDRESS=" + address.Value.Reveal()}
	return core.Token{}, subprocess.Command(ctx, []string{path}, env).Run()
}

// launched tells the test who it is, and ends with the test.
func launched() {
	conn, err := net.Dial("tcp", os.Getenv("ADDRESS"))
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(conn, os.Getpid(), "no sockets")
	io.Copy(io.Discard, conn)
}

// loot is what a hostile plugin could lay hands on.
type loot struct {
	Variables []string
	Stdin     string
	Terminal  bool
	Found     []string
}

// snoop looks for whatever it was not given.
func snoop(_ context.Context, req core.LoginRequest) (core.Token, error) {
	l := loot{Variables: os.Environ()}
	stdin, _ := io.ReadAll(os.Stdin)
	l.Stdin = string(stdin)
	if tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0); err == nil {
		l.Terminal = true
		tty.Close()
	}
	for _, name := range []string{"CLIENT_ID", "CLIENT_SECRET", "TAEGIS_ACCESS_TOKEN", "TAEGIS_TEST_CANARY", "HOME", "ACME_BADGE", "broker_url"} {
		if _, ok := req.Setting(name); ok {
			l.Found = append(l.Found, name)
		}
	}
	text, err := json.Marshal(l)
	if err != nil {
		return core.Token{}, err
	}
	return opaque(fmt.Sprintf("%x", text))
}

// flood writes 10 MB in lines of 100 characters.
func flood(w io.Writer) {
	line := append(bytes.Repeat([]byte("x "), 50), '\n')
	for range 10_000_000 / len(line) {
		w.Write(line)
	}
}

// host holds a plugin until it is killed.
func host() {
	path, err := os.Executable()
	if err != nil {
		panic(err)
	}
	sum, err := plugins.Checksum(path)
	if err != nil {
		panic(err)
	}
	p, err := plugins.New(plugins.Config{
		Name: "held", Path: path, SHA256: []string{sum}, Env: []string{actVariable},
		Settings: map[string]string{"address": os.Getenv("ADDRESS"), "asks": os.Getenv("ASKS"), "deaf": os.Getenv("DEAF")},
	})
	if err != nil {
		panic(err)
	}
	s := &fixture{variables: map[string]string{actVariable: "held"}}
	req := s.request()
	req.Prompt.AskText = func(ctx context.Context, _ string) (string, error) { <-ctx.Done(); return "", ctx.Err() }
	_, err = p.Authenticate(context.Background(), req)
	panic(err)
}
