package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/bench/baseline"
	"github.com/taegis-go/taegis/bench/plot"
	"github.com/taegis-go/taegis/bench/server"
)

// bench is shared by the cases: a server, programs, a folder, and the results.
type bench struct {
	ctx      context.Context
	quick    bool
	dir      string
	server   string // base URL
	token    string
	programs map[string]string // paths, by folder

	rows   []row
	charts []chart
}

type chart struct {
	name string
	plot.Chart
}

// newBench starts the server, which stops when ctx ends.
func newBench(ctx context.Context, quick bool, dir string) (*bench, error) {
	b := &bench{ctx: ctx, quick: quick, dir: dir, token: server.Token(), programs: map[string]string{}}
	if err := b.storeToken(); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), roleVariable+"=server")
	cmd.Stderr = os.Stderr
	if _, err := cmd.StdinPipe(); err != nil { // stays open, because the server stops when it is closed
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	address, err := bufio.NewReader(out).ReadString('\n')
	b.server = strings.TrimSpace(address)
	return b, err
}

// scale returns full, or less in a quick run.
func (b *bench) scale(full, quick int) int {
	if b.quick {
		return quick
	}
	return full
}

// page returns the base URL of pages with n alerts.
func (b *bench) page(n int) string { return b.server + "/page/" + strconv.Itoa(n) }

// client returns a client of the SDK with a cached token.
func (b *bench) client(baseURL string) (*taegis.Client, error) {
	return taegis.New(taegis.WithBaseURL(baseURL), taegis.WithConfigFile(b.tokenFile()), taegis.WithNonInteractive(""))
}

// baseline returns a client without the SDK.
func (b *bench) baseline(baseURL string) *baseline.Client {
	return &baseline.Client{HTTP: baseline.NewHTTP(), URL: baseURL + "/graphql", Token: b.token}
}

// tokenFile is the file with the cached token.
func (b *bench) tokenFile() string { return filepath.Join(b.dir, "config") }

// storeToken writes the file in the format of the Python SDK.
func (b *bench) storeToken() error {
	return os.WriteFile(b.tokenFile(), []byte("[charlie]\naccess_token = "+b.token+"\n\n"), 0o600)
}

// build builds a program with release settings and returns its path. The package is a folder relative
// to that of the benchmarks.
func (b *bench) build(folder string) (string, error) {
	if path, ok := b.programs[folder]; ok {
		return path, nil
	}
	path := filepath.Join(b.dir, filepath.Base(folder)+strconv.Itoa(len(b.programs)))
	cmd := exec.CommandContext(b.ctx, "go", "build", "-C", folder, "-trimpath", "-ldflags", "-s -w", "-o", path, ".")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	b.programs[folder] = path
	return path, nil
}

// process returns a candidate that runs a program. A small program starts it and measures it.
func (b *bench) process(name, folder string, env []string, args ...string) (candidate, error) {
	path, err := b.build(folder)
	if err != nil {
		return candidate{}, err
	}
	return b.launched(name, env, append([]string{path}, args...)...)
}

// launched returns a candidate that runs a command.
func (b *bench) launched(name string, env []string, command ...string) (candidate, error) {
	launch, err := b.build("programs/launch")
	if err != nil {
		return candidate{}, err
	}
	return candidate{name, func() (s sample, err error) {
		cmd := exec.CommandContext(b.ctx, launch, command...)
		cmd.Env, cmd.Stderr = append(slices.Clone(env), "HOME="+b.dir), os.Stderr
		out, err := cmd.Output()
		if err == nil {
			var ns int64
			_, err = fmt.Sscan(string(out), &ns, &s.memory)
			s.time = time.Duration(ns)
		}
		return s, err
	}}, nil
}

// add adds rows to the table.
func (b *bench) add(rows ...row) { b.rows = append(b.rows, rows...) }
