package keyring_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// These tests build programs of other modules, as their authors would: one that imports package
// keyring, and some that import 99designs/keyring as well. A package with a path before ours and
// one with a path after ours do so, because Go initializes packages in the order of their paths.

// seen is what a program prints: its environment, that of a process it starts, and the
// backends that 99designs/keyring offers it.
type seen struct{ Environ, Child, Backends []string }

const hostMain = `package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
IMPORTS
)

type seen struct{ Environ, Child, Backends []string }

var store keyring.Store

func main() {
	if len(os.Args) > 1 {
		for _, v := range os.Environ() {
			os.Stdout.WriteString(v + "\n")
		}
		return
	}
	out, err := exec.Command("/proc/self/exe", "child").Output()
	if err != nil {
		panic(err)
	}
	s := seen{Environ: os.Environ(), Child: strings.Fields(string(out))}
	BACKENDS
	if err := json.NewEncoder(os.Stdout).Encode(s); err != nil {
		panic(err)
	}
}
`

const hostVault = `package vault

import lib "github.com/99designs/keyring"

func Backends() (names []string) {
	for _, b := range lib.AvailableBackends() {
		names = append(names, string(b))
	}
	return names
}
`

// buildHost builds a program of the module path. If both is set, its package vault imports
// 99designs/keyring.
func buildHost(t *testing.T, path string, both bool, flags ...string) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	const ours = "github.com/taegis-go/taegis"
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	mod = bytes.Replace(mod, []byte("module "+ours), []byte("module "+path), 1)
	mod = append(mod, "\nrequire "+ours+" v0.0.0\nreplace "+ours+" => "+root+"\n"...)
	imports := []string{`"` + ours + `/adapters/tokenstore/keyring"`}
	backends := ""
	if both {
		imports = append(imports, `"`+path+`/vault"`)
		backends = "s.Backends = vault.Backends()"
	}
	slices.Sort(imports)
	program := strings.NewReplacer("IMPORTS", strings.Join(imports, "\n"), "BACKENDS", backends).Replace(hostMain)

	dir := t.TempDir()
	if err := errors.Join(
		os.Mkdir(filepath.Join(dir, "vault"), 0o700),
		os.WriteFile(filepath.Join(dir, "go.mod"), mod, 0o600),
		os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o600),
		os.WriteFile(filepath.Join(dir, "main.go"), []byte(program), 0o600),
		os.WriteFile(filepath.Join(dir, "vault", "vault.go"), []byte(hostVault), 0o600),
	); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "host")
	cmd := exec.Command("go", append([]string{"build", "-o", binary}, flags...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

func runHost(t *testing.T, binary string, env []string) seen {
	t.Helper()
	cmd := exec.Command(binary)
	cmd.Env = env
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
	var s seen
	if err := json.Unmarshal(out, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEnvironmentOfHostPrograms(t *testing.T) {
	startBus(t)
	address := "DBUS_SESSION_BUS_ADDRESS=" + os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	for _, test := range []struct {
		name, path string
		both       bool
	}{
		{"keyring only", "host.example/program", false},
		{"99designs/keyring first", "aaa.example/program", true},
		{"99designs/keyring last", "zzz.example/program", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			binary := buildHost(t, test.path, test.both)
			for _, env := range [][]string{
				{"A=1", address, "Z=1"},
				{"A=1", "DBUS_SESSION_BUS_ADDRESS=", "Z=1"},
				{"A=1", "Z=1"},
			} {
				got := runHost(t, binary, env)
				if !slices.Equal(got.Environ, env) || !slices.Equal(got.Child, env) {
					t.Errorf("main sees %q and a process that it starts %q, want %q", got.Environ, got.Child, env)
				}
				if slices.Contains(got.Backends, "secret-service") {
					t.Errorf("99designs/keyring offers %q: the package comment and the build tag are obsolete", got.Backends)
				}
			}
		})
	}
}

// With the build tag, 99designs/keyring offers what it offers without this package.
func TestHostProgramWithTheBuildTag(t *testing.T) {
	startBus(t)
	env := []string{"A=1", "DBUS_SESSION_BUS_ADDRESS=" + os.Getenv("DBUS_SESSION_BUS_ADDRESS")}
	got := runHost(t, buildHost(t, "host.example/program", true, "-tags=taegis_keyring_bus"), env)
	if !slices.Equal(got.Environ, env) || !slices.Contains(got.Backends, "secret-service") {
		t.Errorf("environment %q, backends %q", got.Environ, got.Backends)
	}
}
