//go:build unix

package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/cli"
	"github.com/taegis-go/taegis/internal/testutil"
)

// TestTenantsRunEndsItsPrograms checks that an interrupt ends the programs of tenants and what they
// started.
func TestTenantsRunEndsItsPrograms(t *testing.T) {
	loggedInServer(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	out, stdout := io.Pipe()
	var stderr bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		args := []string{"tenants", "run", "--tenants", "145831", "--", "sh", "-c", "sleep 1000 & echo started; wait"}
		ended <- cli.Run(ctx, args, strings.NewReader(""), stdout, &stderr)
		_ = stdout.Close()
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "started\n" {
		t.Fatalf("%q, %v: %s", line, err, stderr.String())
	}
	start := time.Now()
	interrupt()
	code := <-ended
	testutil.Within(t, "the end of the programs", time.Since(start), 100*time.Millisecond)
	if code != 130 || stderr.String() != "taegis: interrupted\n" {
		t.Errorf("exit code %d, stderr %q", code, stderr.String())
	}
}
