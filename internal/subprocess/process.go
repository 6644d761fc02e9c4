// Package subprocess starts programs that cannot access the terminal, and ends them with all their
// descendants.
package subprocess

import (
	"context"
	"os/exec"
	"time"
)

// drainTime is the time for which the output of a [Command] is still read after its end: its
// descendants may hold the pipes open forever.
const drainTime = 500 * time.Millisecond

// Command returns a command with exactly these variables: no shell, no stdin, no terminal. When ctx
// ends, it is killed with all its descendants. As always with WaitDelay, if descendants keep its
// output open, the error is [exec.ErrWaitDelay] and the output is complete otherwise.
func Command(ctx context.Context, argv, env []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = append([]string{}, env...) // never nil, which would mean our own
	cmd.WaitDelay = drainTime
	cmd.Cancel = func() error { Kill(cmd.Process); return nil }
	Detach(cmd)
	return cmd
}
