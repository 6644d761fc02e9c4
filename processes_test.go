package taegis_test

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
	"sync/atomic"
	"testing"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/internal/testkit"
	"github.com/taegis-go/taegis/services/clients"
	"github.com/taegis-go/taegis/taegistest"
)

// programVariable makes this test binary a program that signs in and calls: its value is how
// many times it does so, each time with a new client.
const programVariable = "TAEGIS_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if times, err := strconv.Atoi(os.Getenv(programVariable)); err == nil {
		os.Exit(program(times))
	}
	os.Exit(m.Run())
}

func program(times int) int {
	for range times {
		client, err := taegis.New()
		if err == nil {
			_, err = clients.New(client).ClientsSearch(context.Background(), clients.ClientsSearchArgs{})
			_ = client.Close()
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return 0
}

// program prepares a process that signs in and calls, so many times.
func (d *desk) program(t *testing.T, times int) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = []string{"GORACE=atexit_sleep_ms=0", programVariable + "=" + strconv.Itoa(times), "TAEGIS_CONFIG_FILE=" + d.config, "HOME=" + filepath.Dir(d.config)}
	for name, value := range d.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd
}

func TestManyProcessesStartTogether(t *testing.T) {
	d := newDesk(t)
	d.asClient()
	start := time.Now()
	var programs sync.WaitGroup
	for range 64 {
		cmd := d.program(t, 1)
		programs.Go(func() {
			if out, err := cmd.CombinedOutput(); err != nil { // on a busy machine some say that they wait
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	programs.Wait()
	t.Logf("64 processes signed in and called in %v", time.Since(start))
	d.wantCount(t, tokenRoute, 1)
}

// A process that is killed while it signs in leaves its lock to the next one.
func TestAKilledProcessIsTakenOver(t *testing.T) {
	d := newDesk(t)
	d.asClient()
	d.AddFault(tokenRoute, taegistest.Fault{Times: 1, Delay: time.Hour})
	first := d.program(t, 1)
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	if err := d.Await(t.Context(), tokenRoute, 1); err != nil {
		t.Fatal(err)
	}
	second := d.program(t, 1)
	stderr, err := second.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stderr)
	if pid := strconv.Itoa(first.Process.Pid); !lines.Scan() || !strings.Contains(lines.Text(), pid) {
		t.Errorf("who waits does not name process %s: %q", pid, lines.Text())
	}
	killed := time.Now()
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := d.Await(t.Context(), tokenRoute, 2); err != nil {
		t.Fatal(err)
	}
	took := time.Since(killed)
	t.Logf("taken over %v after the kill (limit 1s)", took)
	if took > 10*time.Second {
		t.Error("too late")
	}
	for lines.Scan() {
		t.Errorf("one line too many: %s", lines.Text())
	}
	_ = first.Wait() // killed
	if err := second.Wait(); err != nil {
		t.Error(err)
	}
}

// Python reads outside its lock and truncates in place, so beside it a token can get lost, but
// no call.
func TestNoCallFailsBesidePythonWriters(t *testing.T) {
	python := testkit.Program(t, "python3")
	d := newDesk(t)
	d.asClient()
	var writers sync.WaitGroup
	var writing atomic.Int64
	for i := range 8 {
		writing.Add(1)
		section := "python" + strconv.Itoa(i)
		writers.Go(func() {
			defer writing.Add(-1)
			for range 3 { // its failures are its own
				_ = exec.CommandContext(t.Context(), python, "internal/inifile/testdata/python_config.py", "hammer", d.config, section, "50").Run()
			}
		})
	}
	const times = 10
	var clients atomic.Int64
	for range 4 {
		writers.Go(func() {
			for writing.Load() > 0 {
				if out, err := d.program(t, times).CombinedOutput(); err != nil {
					t.Errorf("%v: %s", err, out)
					return
				}
				clients.Add(times)
			}
		})
	}
	writers.Wait()
	t.Logf("%d sign-ins for %d clients beside 8 Python writers", d.Count(tokenRoute), clients.Load())
	if clients.Load() == 0 {
		t.Error("no program ran beside the writers")
	}
}
