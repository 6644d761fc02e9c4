// Package subprocess starts programs that cannot reach our terminal, and ends them with all that
// they have started.
package subprocess

import (
	"context"
	"os/exec"
	"time"
)

// drainTime is how long [Command]'s output is still read after its end: what the program has
// started may hold the pipes for ever.
const drainTime = 500 * time.Millisecond

// Command is a program with exactly these variables: no shell, no stdin, no terminal. When ctx
// ends it is killed with all that it has started. As always with WaitDelay, a program whose
// descendants hold its output ends with [exec.ErrWaitDelay] and is complete otherwise.
func Command(ctx context.Context, argv, env []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = append([]string{}, env...) // never nil, which would mean our own
	cmd.WaitDelay = drainTime
	cmd.Cancel = func() error { Kill(cmd.Process); return nil }
	Detach(cmd)
	return cmd
}
