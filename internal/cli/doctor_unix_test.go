//go:build unix

package cli_test

import (
	"bytes"
	"context"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/cli"
	"github.com/taegis-go/taegis/internal/testutil"
)

// TestDoctorCanBeInterruptedWhileItReads checks that a read that blocks, for example on a file server
// that is down, does not block doctor.
func TestDoctorCanBeInterruptedWhileItReads(t *testing.T) {
	pipe := filepath.Join(home(t), "config.toml")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TAEGIS_PROFILES_FILE", pipe)
	ctx, interrupt := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, interrupt)
	var stdout, stderr bytes.Buffer
	start := time.Now()
	if code := cli.Run(ctx, []string{"doctor"}, nil, &stdout, &stderr); code != 130 || stdout.Len() != 0 {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout.String(), stderr.String())
	}
	testutil.Within(t, "ending taegis doctor", time.Since(start), 100*time.Millisecond)
}
