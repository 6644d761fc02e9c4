package cmdutil

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"

	"github.com/taegis-go/taegis/internal/subprocess"
)

// errPagerClosed means that the user has closed the pager.
var errPagerClosed = errors.New("the pager was closed")

// pager writes to the user's pager, which it starts at the first write, so that a prompt or an
// error before that has the terminal. Without a pager it writes to the terminal.
type pager struct {
	app     *App
	started bool
	cmd     *exec.Cmd
	out     io.Writer
	in      io.Closer // of the pager
}

// newPager returns a writer to standard output, which is a terminal.
func (a *App) newPager() *pager { return &pager{app: a, out: a.stdout} }

// pagerCommand returns the command of the pager: TAEGIS_PAGER, even if it is empty, or PAGER. It
// returns "" for none.
func pagerCommand() string {
	command, ok := os.LookupEnv("TAEGIS_PAGER")
	if !ok {
		command = os.Getenv("PAGER")
	}
	if command == "cat" || dumb() {
		return ""
	}
	return command
}

// Write implements [io.Writer].
func (p *pager) Write(b []byte) (int, error) {
	if !p.started {
		p.started = true
		p.start()
	}
	n, err := p.out.Write(b)
	if err != nil && p.cmd != nil {
		err = errPagerClosed
	}
	return n, err
}

// start starts the pager, if there is one and standard output is a file that it can have.
func (p *pager) start() {
	command := pagerCommand()
	terminal := fileOf(p.app.stdout)
	if command == "" || terminal == nil {
		return
	}
	shell, flag := "sh", "-c"
	if runtime.GOOS == "windows" {
		shell, flag = "cmd", "/c"
	}
	cmd := exec.Command(shell, flag, command) // the user's own setting, as for git
	cmd.Stdout, cmd.Stderr = terminal, os.Stderr
	cmd.Env = subprocess.WithoutSecrets(os.Environ())
	for name, value := range map[string]string{"LESS": "FRX", "LV": "-c"} {
		if _, set := os.LookupEnv(name); !set {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		p.app.Warnf("the pager %s does not start: %v", command, err)
		return
	}
	p.app.progress.disable()
	p.cmd, p.out, p.in = cmd, in, in
}

// close waits until the user closes the pager.
func (p *pager) close() error {
	if p.cmd == nil {
		return nil
	}
	_ = p.in.Close() // closed already if the pager has ended
	_ = p.cmd.Wait() // the exit code of a pager has no meaning
	return nil
}
