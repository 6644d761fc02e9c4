package plugins

import (
	"errors"
	"io/fs"
	"runtime"
	"syscall"

	"github.com/taegis-go/taegis/core"
)

// errNotRun marks the failure of a program that was not run, which is no crash.
var errNotRun = errors.New("the program was not run")

// unstartable is the failure of a program that was not run, with what keeps it from running.
func (p *Plugin) unstartable(err error) error {
	e := &core.LoginError{Authenticator: p.name, Err: errors.Join(ErrStart, errNotRun, err)}
	if refused, ok := errors.AsType[*core.PolicyError](err); ok {
		e.Reason, e.HintText, e.Denied, e.Err = refused.What(), refused.HintText, true, refused
		return e
	}
	if errors.Is(err, core.ErrUntrusted) {
		e.Reason, e.HintText, e.Denied, e.Err = err.Error(), untrustedHint(err), true, err
		return e
	}
	if without, ok := errors.AsType[*noFolderError](err); ok {
		e.Reason, e.HintText = without.Error(), without.hint
		return e
	}
	e.Reason, e.HintText = obstacle(p.config.Path, err)
	return e
}

// obstacle says what keeps the program at path from being started, and what helps.
func obstacle(path string, err error) (reason, hint string) {
	switch {
	case errors.Is(err, syscall.ETXTBSY):
		return "its file is being written: " + err.Error(), "try again once the program is installed"
	case errors.Is(err, fs.ErrPermission):
		return forbidden(path, err)
	case errors.Is(err, fs.ErrNotExist):
		return absent(path, err)
	case isFormat(err):
		return unloadable(path)
	case errors.Is(err, syscall.EAGAIN):
		return "the system starts no more processes for this user or container: " + reasonOf(err),
			"raise the limit of processes (pids.max of the container, or ulimit -u), or end some"
	case errors.Is(err, syscall.ENOMEM):
		return "there is too little memory to start it", "raise the memory limit of the container, or end other programs"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "this program has too many open files to start another one", "raise the limit of open files (ulimit -n)"
	case errors.Is(err, syscall.E2BIG):
		return "the variables that it is granted are too long for a process", "grant fewer variables, or shorter ones"
	case errors.Is(err, syscall.EROFS), errors.Is(err, syscall.ENOSPC):
		return err.Error(), "mount a writable folder with free space at /tmp, or set TMPDIR to one"
	}
	return err.Error(), "see whether its file can be read and started by hand"
}

// forbidden is an obstacle of rights.
func forbidden(path string, err error) (reason, hint string) {
	switch {
	case forbidsPrograms(path):
		return "its file system runs no programs: it is mounted with noexec", "install it on a file system without noexec"
	case errors.Is(err, syscall.EPERM):
		return "the system does not allow to start it: " + reasonOf(err),
			"let the container start programs: see its seccomp and security profile"
	}
	return err.Error(), "make it readable and executable for you, on a file system that allows programs"
}

// absent is an obstacle of something that is not there: the program itself, or what loads it.
func absent(path string, err error) (reason, hint string) {
	if isMissing(path) {
		return err.Error(), "correct its path"
	}
	f := formatOf(path)
	switch {
	case f.kind == "script" && f.loader != "" && isMissing(f.loader):
		return "its interpreter " + f.loader + " does not exist here", "install the interpreter, or correct the first line of the script"
	case f.kind == "ELF" && f.loader != "" && isMissing(f.loader):
		return "it is linked dynamically, and its loader " + f.loader + " does not exist here",
			"build it with CGO_ENABLED=0, or use an image with that C library"
	}
	return "it is there, but what the system needs to start it is not: " + reasonOf(err), "see whether it can be started by hand"
}

// unloadable is an obstacle of format.
func unloadable(path string) (reason, hint string) {
	f := formatOf(path)
	system := runtime.GOOS + "/" + runtime.GOARCH
	if other := f.foreign(); other != "" {
		return "it was built for " + other + ", and this is " + system, "install the program that is built for " + system
	}
	return "the system does not recognize it as a program", "install a program for " + system + ", or a script that begins with #! and its interpreter"
}
