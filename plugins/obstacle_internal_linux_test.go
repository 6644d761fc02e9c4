package plugins

import (
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/taegis-go/taegis/core"
)

// Each reason for which the system does not start a program has a sentence and a hint of its own.
func TestObstacles(t *testing.T) {
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(Config{Name: "acme", Path: path})
	if err != nil {
		t.Fatal(err)
	}
	hints := map[string]string{}
	for name, c := range map[string]struct {
		err  error
		part string
	}{
		"limit of processes": {syscall.EAGAIN, "starts no more processes"},
		"memory":             {syscall.ENOMEM, "too little memory"},
		"open files":         {syscall.EMFILE, "too many open files"},
		"variables":          {syscall.E2BIG, "variables that it is granted are too long"},
		"seccomp":            {syscall.EPERM, "does not allow to start it"},
		"rights":             {syscall.EACCES, "permission denied"},
		"being written":      {syscall.ETXTBSY, "being written"},
		"full disk":          {syscall.ENOSPC, "no space left"},
		"something else":     {syscall.EIO, "input/output error"},
	} {
		err := p.unstartable(&fs.PathError{Op: "fork/exec", Path: "/proc/self/fd/3", Err: c.err})
		hint := core.Hint(err)
		if !strings.Contains(err.Error(), c.part) || hint == "" || core.ReasonCode(err) != "start" {
			t.Errorf("%s: %v, code %q", name, err, core.ReasonCode(err))
		}
		if other := hints[hint]; other != "" {
			t.Errorf("%s and %s have the hint %q", name, other, hint)
		}
		hints[hint] = name
	}
}
