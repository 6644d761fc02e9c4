//go:build linux

package week_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"testing"
)

// serverVariable makes this test binary the server: its value is what the server is told.
const serverVariable = "WEEK_SERVER"

// TestMain lets the server run in a process of its own, so that its memory does not count.
func TestMain(m *testing.M) {
	if told := os.Getenv(serverVariable); told != "" {
		if err := serve(told); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// platform is the server, as the test sees it.
type platform struct {
	t   testing.TB
	url string
	// control is a client of its own, with connections that are not the SDK's.
	control *http.Client
}

// start starts the server, which ends with the test.
func start(t testing.TB, told assignment) *platform {
	t.Helper()
	text, err := json.Marshal(told)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), serverVariable+"="+string(text), "GORACE=atexit_sleep_ms=0")
	cmd.Stderr = os.Stderr
	life, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = life.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the server: %v", err)
		}
	})
	var url string
	if _, err := fmt.Fscanln(out, &url); err != nil {
		t.Fatal(err)
	}
	return &platform{t: t, url: url, control: &http.Client{Transport: &http.Transport{}}}
}

// report asks the server for something outside the API, and decodes its answer if there is to be
// one.
func (p *platform) report(path string, ask, answer any) {
	p.t.Helper()
	text, err := json.Marshal(ask)
	if err != nil {
		p.t.Fatal(err)
	}
	resp, err := p.control.Post(p.url+path, "application/json", bytes.NewReader(text))
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", resp.Status, body)
	}
	if err == nil && answer != nil {
		err = json.Unmarshal(body, answer)
	}
	if err != nil {
		p.t.Fatalf("%s: %v", path, err)
	}
}

// announce tells the server of a round before the client's clock is set to it.
func (p *platform) announce(n int) { p.report("/week/announcement", n, nil) }

// round makes the server's clock that of a round. Faults are those of the plan, unless calm is set.
func (p *platform) round(n int, calm bool) { p.report("/week/round", turn{n, calm}, nil) }

// counters returns what the server has counted.
func (p *platform) counters() (l counters) {
	p.report("/week/counts", nil, &l)
	return l
}
