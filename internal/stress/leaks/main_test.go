//go:build unix

package leaks

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/taegis-go/taegis/internal/cli"
)

// programs are what this test binary is under other names.
var programs = map[string]func(){
	"taegis":      func() { os.Exit(cli.Main()) },
	"unprotected": unprotected,
	"panicker":    panicker,
	"planter":     planter,
}

func TestMain(m *testing.M) {
	if os.Getenv("TAEGIS_PLUGIN") != "" { // whatever it is called
		actAsPlugin()
		return
	}
	if program, ok := programs[filepath.Base(os.Args[0])]; ok {
		program()
		return
	}
	os.Exit(m.Run())
}

// program returns the path under which this test binary is one of the programs.
func program(t testing.TB, name string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.Symlink(self, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// planter does what must be found: it prints its secret, keeps it in a file for a moment and stays
// for a moment, with the secret in its arguments and environment.
func planter() {
	secret := os.Getenv("PLANTED")
	fmt.Println(secret)
	fmt.Fprintln(os.Stderr, secret)
	path := filepath.Join(os.TempDir(), "planted")
	if err := os.WriteFile(path, []byte(secret), 0o600); err != nil {
		panic(err)
	}
	_, _ = os.Stdin.Read(make([]byte, 1)) // until its stdin ends
	_ = os.Remove(path)
}
