package processes_test

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/taegis-go/taegis/internal/stress"
)

// noLocksVariable is the number of the error that locks fail with in a process.
const noLocksVariable = "PROCESSES_NO_LOCKS"

func init() { restrict = forbidLocks }

// forbidLocks lets the kernel refuse to lock files for this process, as on a file system without
// locks.
func forbidLocks() error {
	text := os.Getenv(noLocksVariable)
	if text == "" {
		return nil
	}
	number, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return err
	}
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0}, // the number of the system call
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 1, K: unix.SYS_FLOCK},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(number)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no_new_privs: %w", err)
	}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
	if errno != 0 {
		return fmt.Errorf("seccomp: %w", errno)
	}
	return nil
}

// The kernel refuses every lock, as NFS does without its lock service, and file systems that know
// none.
func TestWithoutLocks(t *testing.T) {
	t.Parallel()
	many := stress.Scale(8, 64, 64)
	for _, c := range []struct {
		store string
		name  string
		errno syscall.Errno
		n     int
		Hint  string
	}{
		{"shared file", "ENOLCK", unix.ENOLCK, many, "TAEGIS_CONFIG_FILE"},
		{"shared file", "EOPNOTSUPP", unix.EOPNOTSUPP, many, "TAEGIS_CONFIG_FILE"},
		{"shared file", "ENOSYS", unix.ENOSYS, many, "TAEGIS_CONFIG_FILE"},
		{"sealed file", "ENOLCK", unix.ENOLCK, 8, "Store.Dir"},
	} {
		t.Run(c.store+" "+c.name, func(t *testing.T) {
			h := newHome(t, newServer(t), fmt.Sprint(noLocksVariable, "=", int(c.errno)))
			if c.store == "sealed file" {
				h.vars = append(h.vars, sealedVariable+"="+h.dir+"/sealed")
			}
			h.writeForeign(t)
			processes := h.startMany(t, c.n, nil)
			var first, second tally
			first.count(t, together(processes, order{Do: calling})...)
			logins := h.server.logins()
			together(processes, order{Do: open})
			second.count(t, together(processes, order{Do: calling})...)
			more := h.server.logins() - logins
			warned := 0
			for _, text := range end(t, processes...) {
				switch lines := strings.Count(text, "\n"); {
				case lines == 0:
				case lines == 1 && strings.Contains(text, h.dir) && strings.Contains(text, "its file system has no locks") && strings.Contains(text, c.Hint):
					warned++
				default:
					t.Errorf("want one warning with the folder and the hint: %s", text)
				}
			}
			stress.Report(t, stress.Processes, c.store+" without locks ("+c.name+")",
				"no more logins than processes, then none; each that logs in is told once, with folder and hint; 0 failures, 0 lost foreign lines",
				"%d processes: %d logins, then %d; %d told; %d failures, %d lost foreign lines; all had called after %v at most",
				c.n, logins, more, warned, first.failed+second.failed, h.lostForeign(t), first.slowest.Round(time.Millisecond))
			if logins > c.n || more > 0 || warned < logins || len(second.tokens) != 1 {
				t.Error("not as promised")
			}
		})
	}
}
