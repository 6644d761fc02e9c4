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
	"github.com/taegis-go/taegis/bench/floor"
	"github.com/taegis-go/taegis/bench/plot"
	"github.com/taegis-go/taegis/bench/server"
)

// bench is what the cases share: a server, programs, a folder, and a place for what they find.
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

// newBench starts the server. It ends with ctx.
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
	if _, err := cmd.StdinPipe(); err != nil { // held open: the server ends with it
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

// scale chooses a number by how much time there is.
func (b *bench) scale(full, quick int) int {
	if b.quick {
		return quick
	}
	return full
}

// page returns the base URL at which the server answers with pages of n alerts.
func (b *bench) page(n int) string { return b.server + "/page/" + strconv.Itoa(n) }

// client returns a client of the SDK with a cached token.
func (b *bench) client(baseURL string) (*taegis.Client, error) {
	return taegis.New(taegis.WithBaseURL(baseURL), taegis.WithConfigFile(b.tokenFile()), taegis.WithNonInteractive(""))
}

// floor returns a client without the SDK.
func (b *bench) floor(baseURL string) *floor.Client {
	return &floor.Client{HTTP: floor.NewHTTP(), URL: baseURL + "/graphql", Token: b.token}
}

// tokenFile is the file with the cached token.
func (b *bench) tokenFile() string { return filepath.Join(b.dir, "config") }

// storeToken writes that file as the Python SDK writes it.
func (b *bench) storeToken() error {
	return os.WriteFile(b.tokenFile(), []byte("[charlie]\naccess_token = "+b.token+"\n\n"), 0o600)
}

// build returns the path of a program, built as one would deliver it. Its package is given as a
// folder, from that of the benchmarks.
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

// process makes a contender of a program, which another small one starts and waits for.
func (b *bench) process(name, folder string, env []string, args ...string) (contender, error) {
	path, err := b.build(folder)
	if err != nil {
		return contender{}, err
	}
	return b.launched(name, env, append([]string{path}, args...)...)
}

// launched makes a contender of a command.
func (b *bench) launched(name string, env []string, command ...string) (contender, error) {
	launch, err := b.build("programs/launch")
	if err != nil {
		return contender{}, err
	}
	return contender{name, func() (s sample, err error) {
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

// add puts rows into the table.
func (b *bench) add(rows ...row) { b.rows = append(b.rows, rows...) }
