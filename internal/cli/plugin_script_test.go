package cli_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// plugin copies this test binary as the program of a plugin: plugin FILE [VERSION]. The name
// selects its behaviour; versions differ in bytes that only macOS checks.
func plugin(ts *testscript.TestScript, _ bool, args []string) {
	self, err := os.Executable()
	ts.Check(err)
	program, err := os.ReadFile(self)
	ts.Check(err)
	program = append(program, strings.Join(args[1:], " ")...)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), program, 0o700))
}

// programsUnder returns the folder of installed programs for a home folder.
func programsUnder(env *testscript.Env, home string) string {
	data := filepath.Join(home, ".local", "share")
	switch runtime.GOOS {
	case "darwin":
		data = filepath.Join(home, "Library", "Application Support")
	case "windows":
		data = filepath.Join(home, "AppData")
		env.Setenv("LocalAppData", data)
	}
	return filepath.Join(data, "taegis", "plugins")
}

// appendTo appends the contents of a file, with variables expanded, to another: append FILE FROM
func appendTo(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0]) + os.Expand(ts.ReadFile(args[1]), func(name string) string { return filepath.ToSlash(ts.Getenv(name)) })
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// edit replaces a text that occurs once in the profile file, as an editor does: edit OLD NEW. In NEW,
// \n is the end of a line.
func edit(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile("config.toml")
	if strings.Count(text, args[0]) != 1 {
		ts.Fatalf("not once in the file: %s\n%s", args[0], text)
	}
	ts.Check(os.WriteFile(ts.MkAbs("config.toml"), []byte(strings.Replace(text, args[0], strings.ReplaceAll(args[1], `\n`, "\n"), 1)), 0o600))
}

// spoil changes the programs in a folder: spoil FOLDER
func spoil(ts *testscript.TestScript, _ bool, args []string) {
	programs, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "*"))
	ts.Check(err)
	for _, path := range programs {
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		ts.Check(err)
		_, err = file.WriteString("spoiled")
		ts.Check(err)
		ts.Check(file.Close())
	}
}

// giveAway changes the owner of a file to another user: giveaway FILE
func giveAway(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.Chown(ts.MkAbs(args[0]), 1234, -1))
}

// count checks how many files a folder has: count FOLDER N
func count(ts *testscript.TestScript, _ bool, args []string) {
	files, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	if strconv.Itoa(len(files)) != args[1] {
		ts.Fatalf("%d files, want %s: %v", len(files), args[1], files)
	}
}

// actAsPlugin runs this binary as a plugin.
func actAsPlugin() {
	switch name := strings.TrimPrefix(filepath.Base(os.Args[0]), "taegis-plugin-"); {
	case strings.HasPrefix(name, "badge"), strings.HasPrefix(name, "other"):
		plugins.Serve(badge{})
	case strings.HasPrefix(name, "reader"):
		plugins.Serve(reader{})
	case strings.HasPrefix(name, "hang"):
		hang()
	case strings.HasPrefix(name, "hostile"):
		plugins.Serve(hostilePlugin{})
	case strings.HasPrefix(name, "newer"):
		fmt.Println("1|7|unix|/nowhere|grpc|")
	default:
		fmt.Println("Welcome to ACME login!")
	}
	// With any other end the race detector would sleep for a second.
	if p, err := os.FindProcess(os.Getpid()); err == nil {
		_ = p.Kill()
	}
	time.Sleep(time.Minute) // the signal is under way
}

// badge logs in as the demo client, with a secret from a variable or a prompt.
type badge struct{}

func (badge) Requirements() plugins.Requirements {
	return plugins.Requirements{Settings: []string{"reader"}, Env: []string{"BADGE"}}
}

func (badge) Account(_ context.Context, req core.LoginRequest) (core.Account, error) {
	_, found := req.Setting("BADGE")
	if reader, _ := req.Setting("reader"); !found && reader.Value.Reveal() != "keyboard" {
		return "", &core.UnavailableError{Reason: "BADGE is not set", HintText: "set it"}
	}
	return "", nil
}

func (b badge) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	if _, err := b.Account(ctx, req); err != nil {
		return core.Token{}, err
	}
	fmt.Fprintln(os.Stderr, "the reader is warm")
	req.Notify(ctx, "looking at the badge")
	secret, found := req.Setting("BADGE")
	if !found {
		if err := req.CanPrompt(); err != nil {
			return core.Token{}, err
		}
		typed, err := req.Prompt.AskSecret(ctx, "Badge code:")
		if err != nil {
			return core.Token{}, err
		}
		secret.Value = typed
	}
	id := emulator.DemoClientID
	if req.Environment.Platform == core.PlatformFusion {
		id = emulator.DemoSophosClientID
	}
	return (&authn.ClientCredentials{ID: id, Secret: secret.Value}).Authenticate(ctx, req)
}
