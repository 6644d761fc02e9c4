package cmdutil

import (
	"errors"
	"os"

	"github.com/taegis-go/taegis/adapters/terminal"
	"github.com/taegis-go/taegis/core"
)

// Prompt returns a prompt at the terminal. It is the zero Prompt if there is no terminal, or if
// --no-input was given.
func (a *App) Prompt() core.Prompt {
	if a.Global.NonInteractive {
		return core.Prompt{}
	}
	return a.progress.guardedPrompt(terminal.New(terminal.Options{Stderr: a.Screen}))
}

// CheckStdout returns an error if standard output cannot be written, or goes nowhere: a Go program
// that is started with a closed standard output gets the null device in its place. A closed pipe and
// some full disks show only when something is written.
func (s *Streams) CheckStdout() error {
	if _, err := s.stdout.Write(nil); err != nil {
		return err
	}
	output, ok := s.stdout.(interface{ File() *os.File })
	if !ok {
		return nil
	}
	info, err := output.File().Stat()
	if err != nil {
		return err
	}
	null, err := os.Stat(os.DevNull)
	if err == nil && os.SameFile(info, null) {
		return errors.New("it is closed or goes to " + os.DevNull)
	}
	return nil
}
