package crash_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// trace starts a program and shows to seen each of its calls that touch dir, before it is made and
// after. Both times the thread that makes it stands still. Once seen returns false the program is
// killed: a call that was to come is then not made any more. It returns what the program said to
// have finished, and whether it came to its end.
func trace(name, dir string, stderr io.Writer, seen func(c call, before bool) bool) (said []byte, ended bool, err error) {
	runtime.LockOSThread() // a process belongs to the thread that traces it
	defer runtime.UnlockOSThread()
	p, err := launch(name, dir, stderr, func(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} })
	if err != nil {
		return nil, false, err
	}
	t := tracer{pid: p.Process.Pid, dir: dir, seen: seen, seized: map[int]bool{}, inside: map[int]call{}}
	err = t.seize()
	if err == nil {
		err = t.await(func() error { return p.gun.Close() })
	}
	if err != nil {
		_ = p.Process.Kill()
	}
	said, readErr := io.ReadAll(p.out)
	_ = p.Wait() // closes the pipes; the tracer has seen the end already
	return said, t.ended, errors.Join(err, readErr)
}

// tracer follows all threads of a process.
type tracer struct {
	pid    int
	dir    string
	seen   func(c call, before bool) bool
	seized map[int]bool // the threads that have not stopped yet
	inside map[int]call // the call that a thread is in
	killed bool
	ended  bool // by itself
}

// seize takes hold of all threads; those that they start are followed by themselves.
func (t *tracer) seize() error {
	const options = unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_EXITKILL
	have := map[int]bool{}
	for found := true; found; {
		found = false
		threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", t.pid))
		if err != nil {
			return err
		}
		for _, thread := range threads {
			tid, err := strconv.Atoi(thread.Name())
			if err != nil || have[tid] {
				continue
			}
			have[tid], found = true, true
			_, _, errno := unix.RawSyscall6(unix.SYS_PTRACE, unix.PTRACE_SEIZE, uintptr(tid), 0, options, 0, 0)
			switch {
			case errno == 0:
				t.seized[tid] = true
				if err := unix.PtraceInterrupt(tid); err != nil {
					return fmt.Errorf("ptrace interrupt: %w", err)
				}
			case errno == unix.EPERM && len(have) > 1: // one that a seized thread has just started: it is followed
			default:
				return fmt.Errorf("ptrace seize: %w", errno)
			}
		}
	}
	return nil
}

// await lets the threads run from stop to stop until the process has ended. It calls begin once all
// of them do so.
func (t *tracer) await(begin func() error) error {
	for {
		var status unix.WaitStatus
		tid, err := unix.Wait4(-t.pid, &status, unix.WALL, nil)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.ECHILD):
			return nil
		case err != nil:
			return fmt.Errorf("waiting for a traced process: %w", err)
		case !status.Stopped():
			t.ended = t.ended || tid == t.pid && status.Exited() && status.ExitStatus() == 0
			continue
		}
		signal := 0
		switch stop := status.StopSignal(); {
		case stop == unix.SIGTRAP|0x80:
			if !t.killed && !t.step(tid) {
				t.killed = true
				if err := unix.Kill(t.pid, unix.SIGKILL); err != nil {
					return err
				}
				continue
			}
		case status>>16 != 0: // a thread was started, or a seized one has stopped
		default:
			signal = int(stop)
		}
		err = unix.PtraceSyscall(tid, signal)
		if t.seized[tid] {
			delete(t.seized, tid)
			if len(t.seized) == 0 {
				err = begin()
			}
		}
		if err != nil && !errors.Is(err, unix.ESRCH) { // it has been killed meanwhile
			return fmt.Errorf("tracing: %w", err)
		}
	}
}

// syscallInfo is struct ptrace_syscall_info of <linux/ptrace.h>.
type syscallInfo struct {
	op   uint8
	_    [3]uint8
	_    uint32    // the architecture
	_    [2]uint64 // instruction and stack pointer
	data [7]uint64 // the number and the arguments, or else the result
}

const (
	getSyscallInfo = 0x420e // PTRACE_GET_SYSCALL_INFO
	entry, exit    = 1, 2
)

// step looks at a thread that stands before or after a call.
func (t *tracer) step(tid int) (goOn bool) {
	var info syscallInfo
	_, _, errno := unix.RawSyscall6(unix.SYS_PTRACE, getSyscallInfo, uintptr(tid), unsafe.Sizeof(info), uintptr(unsafe.Pointer(&info)), 0, 0)
	if errno != 0 {
		return true // it has been killed meanwhile
	}
	switch info.op {
	case entry:
		c, ok := describe(t.dir, t.pid, info.data[0], [6]uint64(info.data[1:]))
		if !ok {
			return true
		}
		t.inside[tid] = c
		return t.seen(c, true)
	case exit:
		c, ok := t.inside[tid]
		if !ok {
			return true
		}
		delete(t.inside, tid)
		c.result = int64(info.data[0])
		if c.name == "openat" && !c.failed() {
			c.args[0] = uint64(c.result) // what it has opened, to be followed
			c.follow(t.dir, t.pid)
		}
		return t.seen(c, false)
	}
	return true
}
