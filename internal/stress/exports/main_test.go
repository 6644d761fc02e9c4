package exports_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/sink/file"
	"github.com/taegis-go/taegis/adapters/sink/http"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/export"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// order is what a process has to export.
type order struct {
	URL, Dir  string // of the emulator, and the folder for file and state
	Collector string // the URL of the sink, "" for a file
	Tenants   []string
	Since     time.Time
}

const orderVariable = "TAEGIS_STRESS_EXPORT"

// TestMain lets the test binary be an exporter.
func TestMain(m *testing.M) {
	text := os.Getenv(orderVariable)
	if text == "" {
		os.Exit(m.Run())
	}
	if err := exportAll(text); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// exportAll exports up to now, and prints each step before it is taken.
func exportAll(text string) error {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	client, err := clientOf(o.URL)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx := context.Background()
	stream, err := export.NewStream(export.StreamConfig{Kind: export.Alerts})
	if err != nil {
		return err
	}
	dir, err := export.OpenDir(ctx, o.Dir+"/state")
	if err != nil {
		return err
	}
	var sink ports.Sink = &file.Sink{Path: o.Dir + "/alerts.jsonl", MaxBytes: 4 << 20, Compression: file.Gzip}
	if o.Collector != "" {
		sink = &http.Sink{URL: o.Collector, Retry: core.RetryLimits{MaxTries: 1}, Timeout: 10 * time.Second}
	}
	config := export.Config{Sink: &announcedSink{sink}, Store: &announcedStore{dir}, DeadLetters: o.Dir + "/dead.jsonl"}
	for _, tenant := range o.Tenants {
		config.Feeds = append(config.Feeds, export.Feed{
			Stream: stream, Environment: "loopback", Tenant: tenant, Transport: client, Since: o.Since,
		})
	}
	summary, err := export.Run(ctx, config)
	if err != nil {
		return err
	}
	fmt.Printf("done %d %d\n", summary.Records, peakMemory())
	return dir.Close()
}

// peakMemory returns the largest resident size of this process in KB.
func peakMemory() (kb int) {
	text, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, "VmHWM:"); found {
			_, _ = fmt.Sscan(rest, &kb)
		}
	}
	return kb
}

func clientOf(url string) (*taegis.Client, error) {
	return taegis.New(
		taegis.WithBaseURL(url), taegis.WithLookupEnv(func(string) (string, bool) { return "", false }),
		taegis.WithTokenStore(&tokenstore.Memory{}),
		taegis.WithAuthenticators(&authn.ClientCredentials{
			ID: emulator.DemoClientID, Secret: core.NewSecret(emulator.DemoClientSecret),
		}),
	)
}

// announcedSink prints each step of a sink before and after it.
type announcedSink struct{ ports.Sink }

func (s *announcedSink) Deliver(ctx context.Context, records []core.Record) error {
	fmt.Println("deliver")
	return s.Sink.Deliver(ctx, records)
}

func (s *announcedSink) Sync(ctx context.Context) (string, error) {
	fmt.Println("sync")
	position, err := s.Sink.Sync(ctx)
	fmt.Println("synced")
	return position, err
}

func (s *announcedSink) Close() error {
	if closer, ok := s.Sink.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

// announcedStore prints each commit before and after it.
type announcedStore struct{ *export.Dir }

func (s *announcedStore) Commit(ctx context.Context, c export.Commit) error {
	fmt.Println("commit")
	err := s.Dir.Commit(ctx, c)
	fmt.Println("committed")
	return err
}

// outcome is how a process ended.
type outcome struct {
	killed       bool
	records      int
	memory       int // peak in KB
	steps        int
	lastStep     string
	errorMessage string
}

// runExporter starts a process and kills it at a step, counted from 1, or after a time, whichever is
// set.
func runExporter(t *testing.T, o order, atStep int, after time.Duration) outcome {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), orderVariable+"="+string(text), "GORACE=atexit_sleep_ms=0")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if after > 0 {
		timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
	}
	var ended outcome
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, err := fmt.Sscanf(lines.Text(), "done %d %d", &ended.records, &ended.memory); err == nil {
			continue
		}
		ended.steps++
		ended.lastStep = lines.Text()
		if ended.steps == atStep {
			_ = cmd.Process.Kill()
		}
	}
	if err := cmd.Wait(); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			t.Fatal(err)
		}
		ended.killed = exit.ExitCode() < 0
		ended.errorMessage = stderr.String()
	}
	return ended
}
