package crash_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// call is a system call that touches the folder under test.
type call struct {
	name   string
	paths  []string // absolute
	ino    uint64   // what its file descriptor leads to
	args   [6]uint64
	data   []byte // what it writes
	result int64
}

func (c call) failed() bool { return c.result < 0 }

func (c call) String() string {
	names := c.name
	for _, path := range c.paths {
		names += " " + filepath.Base(path)
	}
	return names
}

// shape says where a call names files: by paths, whose arguments follow that of their folder, or by
// a descriptor, which is then the first argument.
type shape struct {
	name  string
	paths []int
}

// shapes are all calls that reach files. There are more of them in the kernel: the tests compare
// what the recorded ones come to with the disk, and so would notice one that is missing here.
var shapes = map[uint64]shape{
	unix.SYS_OPENAT:          {"openat", []int{1}},
	unix.SYS_NEWFSTATAT:      {"newfstatat", []int{1}},
	unix.SYS_STATX:           {"statx", []int{1}},
	unix.SYS_READLINKAT:      {"readlinkat", []int{1}},
	unix.SYS_FACCESSAT:       {"faccessat", []int{1}},
	unix.SYS_FACCESSAT2:      {"faccessat2", []int{1}},
	unix.SYS_MKDIRAT:         {"mkdirat", []int{1}},
	unix.SYS_UNLINKAT:        {"unlinkat", []int{1}},
	unix.SYS_FCHMODAT:        {"fchmodat", []int{1}},
	unix.SYS_FCHOWNAT:        {"fchownat", []int{1}},
	unix.SYS_UTIMENSAT:       {"utimensat", []int{1}},
	unix.SYS_SYMLINKAT:       {"symlinkat", []int{2}},
	unix.SYS_LINKAT:          {"linkat", []int{1, 3}},
	unix.SYS_RENAMEAT:        {"renameat", []int{1, 3}},
	unix.SYS_RENAMEAT2:       {"renameat2", []int{1, 3}},
	unix.SYS_CLOSE:           {name: "close"},
	unix.SYS_COPY_FILE_RANGE: {name: "copy_file_range"},
	unix.SYS_FALLOCATE:       {name: "fallocate"},
	unix.SYS_FCHMOD:          {name: "fchmod"},
	unix.SYS_FCHOWN:          {name: "fchown"},
	unix.SYS_FCNTL:           {name: "fcntl"},
	unix.SYS_FDATASYNC:       {name: "fdatasync"},
	unix.SYS_FLOCK:           {name: "flock"},
	unix.SYS_FSTAT:           {name: "fstat"},
	unix.SYS_FSYNC:           {name: "fsync"},
	unix.SYS_FTRUNCATE:       {name: "ftruncate"},
	unix.SYS_GETDENTS64:      {name: "getdents64"},
	unix.SYS_LSEEK:           {name: "lseek"},
	unix.SYS_PREAD64:         {name: "pread64"},
	unix.SYS_PWRITE64:        {name: "pwrite64"},
	unix.SYS_PWRITEV:         {name: "pwritev"},
	unix.SYS_READ:            {name: "read"},
	unix.SYS_WRITE:           {name: "write"},
	unix.SYS_WRITEV:          {name: "writev"},
}

// describe returns the call that a thread is about to make, and whether it touches dir. Of the many
// others that a Go program makes, most are its runtime's, at times that no two runs have in common.
func describe(dir string, pid int, number uint64, args [6]uint64) (call, bool) {
	shape, ok := shapes[number]
	if !ok {
		return call{}, false
	}
	c := call{name: shape.name, args: args}
	if c.name == "write" && args[0] == uint64(syscall.Stdout) {
		c.name, c.data = "say", peek(pid, args[1], args[2])
		return c, true
	}
	if shape.paths == nil {
		return c, c.follow(dir, pid)
	}
	for _, i := range shape.paths {
		path := string(peek(pid, args[i], 0))
		if !filepath.IsAbs(path) {
			folder := fmt.Sprintf("/proc/%d/fd/%d", pid, int32(args[i-1]))
			if int32(args[i-1]) == unix.AT_FDCWD {
				folder = fmt.Sprintf("/proc/%d/cwd", pid)
			}
			target, _ := os.Readlink(folder)
			path = filepath.Join(target, path)
		}
		ok = ok && isBelow(dir, path)
		c.paths = append(c.paths, path)
	}
	return c, ok
}

// follow finds out what the call's descriptor leads to, and whether that is in dir.
func (c *call) follow(dir string, pid int) bool {
	link := fmt.Sprintf("/proc/%d/fd/%d", pid, int32(c.args[0]))
	target, err := os.Readlink(link)
	if err != nil || !isBelow(dir, target) {
		return false
	}
	if info, err := os.Stat(link); err == nil {
		c.ino = info.Sys().(*syscall.Stat_t).Ino
	}
	if c.name == "write" || c.name == "pwrite64" {
		c.data = peek(pid, c.args[1], c.args[2])
	}
	return true
}

func isBelow(dir, path string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }

// peek reads size bytes of a process's memory; 0 means up to a zero byte, as a path ends.
func peek(pid int, at, size uint64) []byte {
	data := make([]byte, size)
	if size == 0 {
		data = make([]byte, unix.PathMax)
	}
	// What lies behind a path may be unmapped memory, so it is read page by page.
	for have := 0; have < len(data); {
		n := min(len(data)-have, os.Getpagesize()-int(at+uint64(have))%os.Getpagesize())
		local := []unix.Iovec{{Base: &data[have]}}
		local[0].SetLen(n)
		remote := []unix.RemoteIovec{{Base: uintptr(at) + uintptr(have), Len: n}}
		n, err := unix.ProcessVMReadv(pid, local, remote, 0)
		if err != nil || n == 0 {
			return data[:have]
		}
		if end := bytes.IndexByte(data[have:have+n], 0); size == 0 && end >= 0 {
			return data[:have+end]
		}
		have += n
	}
	return data
}
