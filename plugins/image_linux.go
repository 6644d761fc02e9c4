package plugins

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// inherited is a file as the process sees it that inherits it first after stderr.
const inherited = "/proc/self/fd/3"

// inPlace runs the program from where it is, by its descriptor. A lease keeps everybody from
// opening it for writing while it is hashed; once it runs the kernel does. Leases are given to
// the owner of a file and to root, where nobody has it open for writing.
func inPlace(program *os.File) (*image, string, error) {
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
	return &image{path: inherited, files: []*os.File{program}, release: release}, sum, nil
}

// inMemory copies the program into memory and seals it there. The kernel may not allow that
// (vm.memfd_noexec = 2).
func inMemory(program *os.File) (*image, string, error) {
	file, err := memory()
	if err != nil {
		return nil, "", err
	}
	sum, err := pour(file, program)
	if err == nil {
		_, err = unix.FcntlInt(file.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_WRITE|unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_SEAL)
	}
	if err != nil {
		_ = file.Close()
		return nil, "", err
	}
	return &image{path: inherited, files: []*os.File{file}, release: func() { _ = file.Close() }}, sum, nil
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
