package plugins

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// inherited is a file as the process sees it that inherits it first after stderr. It is not below
// /dev/fd: perl reads a script that it is given by such a name from where the file's offset is.
const inherited = "/proc/self/fd/3"

// executable refuses a program that this process may not execute, or not from its file system: a
// copy could be executed all the same.
func executable(program *os.File) error {
	err := unix.Faccessat(unix.AT_FDCWD, ownFile(program), unix.X_OK, unix.AT_EACCESS)
	if errors.Is(err, unix.ENOENT) { // there is no /proc
		err = unix.Faccessat(unix.AT_FDCWD, program.Name(), unix.X_OK, unix.AT_EACCESS)
	}
	if errors.Is(err, unix.EACCES) {
		return &fs.PathError{Op: "start", Path: program.Name(), Err: unix.EACCES}
	}
	return nil
}

// forbidsPrograms reports whether the file system of a path is mounted with noexec.
func forbidsPrograms(path string) bool {
	var stat unix.Statfs_t
	return unix.Statfs(path, &stat) == nil && int64(stat.Flags)&unix.ST_NOEXEC != 0 //nolint:unconvert // it has 32 bits on some machines
}

// ownFile is an open file as this process sees it.
func ownFile(file *os.File) string { return fmt.Sprintf("/proc/self/fd/%d", file.Fd()) }

// inPlace runs the program from where it is, by its descriptor. A lease prevents others from
// opening it for writing while it is hashed; once it runs the kernel does. Leases are given to
// the owner of a file and to root, if no process has it open for writing.
func inPlace(program *os.File) (*image, string, error) {
	if !isNative(program) || !isLocal(program) {
		return nil, "", errors.ErrUnsupported
	}
	if _, err := os.Stat(ownFile(program)); err != nil {
		return nil, "", err
	}
	lease := func(kind int) error {
		_, err := unix.FcntlInt(program.Fd(), unix.F_SETLEASE, kind)
		return err
	}
	if err := lease(unix.F_RDLCK); err != nil {
		return nil, "", err
	}
	sum, err := pour(io.Discard, program)
	if err != nil {
		_ = lease(unix.F_UNLCK)
		return nil, "", err
	}
	release := func() {
		_ = lease(unix.F_UNLCK) // for the process has inherited it
		_ = program.Close()
	}
	intact := func() bool {
		kind, err := unix.FcntlInt(program.Fd(), unix.F_GETLEASE, 0)
		return err == nil && kind == unix.F_RDLCK
	}
	again := func() (*image, error) {
		other, otherSum, err := copied(program)
		if err == nil && otherSum != sum {
			other.ended()
			err = &ChecksumError{Path: program.Name(), Want: []string{sum}, Got: otherSum}
		}
		return other, err
	}
	return &image{path: inherited, files: []*os.File{program}, release: release, intact: intact, copy: again}, sum, nil
}

// headerLength is how much of an ELF file says for which machine it is.
const headerLength = 20

// isNative reports whether the kernel loads the program itself: an ELF file for the same machine as
// this process. For others an interpreter may be registered, such as QEMU's, which opens the file
// later.
func isNative(program *os.File) bool {
	self, err := os.Open("/proc/self/exe")
	if err != nil {
		return false
	}
	defer func() { _ = self.Close() }()
	theirs, ours := make([]byte, headerLength), make([]byte, headerLength)
	_, err = program.ReadAt(theirs, 0)
	_, ownErr := self.ReadAt(ours, 0)
	sameMachine := bytes.Equal(theirs[:6], ours[:6]) && bytes.Equal(theirs[18:], ours[18:]) // magic, class, byte order; machine
	return err == nil && ownErr == nil && sameMachine
}

// isLocal reports whether only programs of this kernel can write the file. A file server has other
// clients, and a file system in user space can answer each reading differently.
func isLocal(program *os.File) bool {
	var stat unix.Statfs_t
	if err := unix.Fstatfs(int(program.Fd()), &stat); err != nil {
		return false
	}
	return slices.Contains([]int64{
		unix.EXT4_SUPER_MAGIC, unix.XFS_SUPER_MAGIC, unix.BTRFS_SUPER_MAGIC, unix.F2FS_SUPER_MAGIC,
		unix.TMPFS_MAGIC, unix.OVERLAYFS_SUPER_MAGIC, 0x2fc12fc1, // ZFS
	}, int64(stat.Type)) //nolint:unconvert // it has 32 bits on some machines
}

// inMemory copies the program into memory and seals it there. The kernel may not allow that
// (vm.memfd_noexec = 2). An interpreter is given the name of the file that the process has
// inherited, and opens that.
func inMemory(program *os.File) (*image, string, error) {
	file, err := memory()
	if err != nil {
		return nil, "", err
	}
	_, err = os.Stat(ownFile(file))
	var sum string
	if err == nil {
		sum, err = pour(file, program)
	}
	if err == nil {
		_, err = unix.FcntlInt(file.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_WRITE|unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_SEAL)
	}
	if err != nil {
		_ = file.Close()
		return nil, "", err
	}
	start := make([]byte, 2)
	_, _ = file.ReadAt(start, 0) // what is shorter is no script
	return &image{
		path: inherited, files: []*os.File{file}, script: string(start) == "#!",
		release: func() { _ = file.Close() },
	}, sum, nil
}

// memory is an empty file in memory.
func memory() (*os.File, error) {
	const flags = unix.MFD_CLOEXEC | unix.MFD_ALLOW_SEALING
	fd, err := unix.MemfdCreate("taegis-plugin", flags|unix.MFD_EXEC)
	if errors.Is(err, unix.EINVAL) { // before Linux 6.3 there is no such flag, nor need of it
		fd, err = unix.MemfdCreate("taegis-plugin", flags)
	}
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "taegis-plugin"), nil
}
