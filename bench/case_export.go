package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	filesink "github.com/taegis-go/taegis/adapters/sink/file"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/export"
	"github.com/taegis-go/taegis/paging"
	"github.com/taegis-go/taegis/services/catalog"
	"github.com/taegis-go/taegis/services/tenants4"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// exportedTenants are the tenants of the export case, and exportsAtOnce how many are read at a time.
const exportedTenants, exportsAtOnce = 100, 8

// exportedSpan is the time in which the alerts of the export case were created.
const exportedSpan = 30 * 24 * time.Hour

// exports measures an export of alerts of 100 tenants to a file, against the plain pager that writes
// the same records to a file, without a way to continue. The server is an emulator in a process of its
// own, which evaluates each search.
func exports(b *bench) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	loads := []int{10_000, 100_000, 1_000_000}
	if b.quick {
		loads = []int{1000, 10_000}
	}
	load := scaling{
		name: "export", title: "Alerts of 100 tenants to a file", x: "alerts", loads: loads, rounds: 1, even: true,
	}
	var failed error
	all, err := b.scaled(load, func(n int) []candidate {
		source, err := b.source(self, n)
		if err != nil {
			failed = err
			return nil
		}
		var sides []candidate
		for _, side := range []string{"taegis", "plain pager"} {
			c, err := b.launched(side, []string{roleVariable + "=exporter"}, self, side, source, filepath.Join(b.dir, "exported"))
			if err != nil {
				failed = err
			}
			sides = append(sides, c)
		}
		return sides
	})
	if failed != nil {
		return failed
	}
	if err != nil {
		return err
	}
	last := len(loads) - 1
	b.add(
		atLeast(0.7, "the plain pager's rate").row(fmt.Sprintf("%d alerts of 100 tenants to a file", loads[last]), all[last], seconds, duration),
		flatAgainst("plain pager", fmt.Sprintf("its memory, %d and %d", loads[0], loads[last]), all[0], all[last]),
	)
	return nil
}

// source starts an emulator with n alerts, and returns its URL. It stops with the benchmarks.
func (b *bench) source(self string, n int) (string, error) {
	cmd := exec.CommandContext(b.ctx, self, strconv.Itoa(n))
	cmd.Env = append(os.Environ(), roleVariable+"=emulator")
	cmd.Stderr = os.Stderr
	if _, err := cmd.StdinPipe(); err != nil {
		return "", err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	url, err := bufio.NewReader(out).ReadString('\n')
	return strings.TrimSpace(url), err
}

// emulate is the role of the emulator: ALERTS.
func emulate() error {
	n, err := strconv.Atoi(os.Args[1])
	if err != nil {
		return err
	}
	s, err := emulator.Start("127.0.0.1:0", emulator.Config{TokenLifetime: 24 * time.Hour, Corpus: emulator.Corpus{
		Alerts: n, Tenants: exportedTenants, Span: exportedSpan, Start: time.Now().Add(-time.Hour),
	}})
	if err != nil {
		return err
	}
	defer s.Close()
	fmt.Println(s.URL)
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n') // until the benchmarks end
	return nil
}

// exporter is the role of a process that exports: SIDE URL FOLDER.
func exporter() error {
	side, url, dir := os.Args[1], os.Args[2], os.Args[3]
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	client, err := taegis.New(
		taegis.WithBaseURL(url), taegis.WithTokenStore(&tokenstore.Memory{}),
		taegis.WithAuthenticators(&authn.ClientCredentials{
			ID: emulator.DemoClientID, Secret: core.NewSecret(emulator.DemoClientSecret),
		}),
	)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx := context.Background()
	var ids []string
	for tenant, err := range tenants4.New(client).TenantsAll(ctx, tenants4.TenantsArgs{}) {
		if err != nil {
			return err
		}
		if tenant.ID != emulator.DemoTenant { // whose searches find those of all others
			ids = append(ids, tenant.ID)
		}
	}
	path := filepath.Join(dir, "alerts.jsonl")
	if side == "taegis" {
		return exportAll(ctx, client, ids, dir, path)
	}
	return pageToFile(ctx, client, ids, path)
}

func exportAll(ctx context.Context, client *taegis.Client, ids []string, dir, path string) error {
	stream, err := export.NewStream(export.StreamConfig{Kind: export.Alerts})
	if err != nil {
		return err
	}
	store, err := export.OpenDir(ctx, filepath.Join(dir, "state"))
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }() // the process ends
	config := export.Config{Store: store, Sink: &filesink.Sink{Path: path}, Parallel: exportsAtOnce}
	for _, id := range ids {
		config.Feeds = append(config.Feeds, export.Feed{
			Stream: stream, Environment: "emulator", Tenant: id, Transport: client, Since: time.Now().Add(-exportedSpan - 24*time.Hour),
		})
	}
	_, err = export.Run(ctx, config)
	return err
}

func pageToFile(ctx context.Context, client *taegis.Client, ids []string, path string) error {
	op, err := catalog.Operation("alerts.alertsServiceSearch")
	if err != nil {
		return err
	}
	plan, _, err := catalog.Paging(op)
	if err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // Sync has returned its errors
	w := bufio.NewWriterSize(f, 64<<10)
	var one sync.Mutex
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	slots := make(chan struct{}, exportsAtOnce)
	var running sync.WaitGroup
	for _, id := range ids {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			args := map[string]any{"in": map[string]any{"cql_query": "FROM alert EARLIEST=-32d"}}
			for record, err := range paging.Raw(taegis.ContextWithTenant(ctx, id), client, plan, args) {
				if err != nil {
					fail(err)
					return
				}
				one.Lock()
				_, _ = w.Write(record) // Flush returns the first error
				_ = w.WriteByte('\n')  // as above
				one.Unlock()
			}
		})
	}
	running.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Sync()
}
