package cli_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	sdk "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/profile"
)

// runService is a service that uses the profile file and logs in again and again, until the file
// that its first argument names exists. It appends what happens to its second one.
func runService() {
	stop, path := os.Args[1], os.Args[2]
	log, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		panic(err)
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	options, err := profile.Options("")
	if err != nil {
		panic(err)
	}
	client, err := sdk.New(append(options, sdk.WithTokenStore(&tokenstore.Memory{}))...)
	if err != nil {
		panic(err)
	}
	logins, failed := 0, 0
	for ; ; logins++ {
		if _, err := os.Stat(stop); err == nil {
			break
		}
		if _, err := client.Login(context.Background()); err != nil {
			failed++
			fmt.Fprintln(os.Stderr, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err := client.Close(); err != nil {
		panic(err)
	}
	fmt.Printf("failed %d of %d logins\n", failed, logins)
}

// await waits until a file has a text so many times: await FILE TEXT COUNT
func await(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[2])
	ts.Check(err)
	for limit := time.Now().Add(30 * time.Second); time.Now().Before(limit); time.Sleep(10 * time.Millisecond) {
		text, _ := os.ReadFile(ts.MkAbs(args[0])) // it may not exist yet
		if strings.Count(string(text), args[1]) >= want {
			return
		}
	}
	ts.Fatalf("%s does not have %q %d times:\n%s", args[0], args[1], want, ts.ReadFile(args[0]))
}

// signed runs a command of the group plugin with the public key in a file: signed KEYFILE [code1]
// COMMAND …
func signed(ts *testscript.TestScript, _ bool, args []string) {
	key, args, fails := strings.TrimSpace(ts.ReadFile(args[0])), args[1:], false
	if args[0] == "code1" {
		args, fails = args[1:], true
	}
	err := ts.Exec("taegis", append(append([]string{"plugin"}, args...), "--key", key)...)
	if (err != nil) != fails {
		ts.Fatalf("taegis plugin %v: %v", args, err)
	}
}

// spoilFolder changes the folders that are plugins: spoilfolder FOLDER add|link|undo
func spoilFolder(ts *testscript.TestScript, _ bool, args []string) {
	folders, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "*"))
	ts.Check(err)
	for _, folder := range folders {
		path := filepath.Join(folder, "lib", "new.sh")
		switch args[1] {
		case "add":
			ts.Check(os.WriteFile(path, []byte("exit 1\n"), 0o600))
		case "link":
			ts.Check(os.Symlink("log.sh", path))
		default:
			ts.Check(os.Remove(path))
		}
	}
}
