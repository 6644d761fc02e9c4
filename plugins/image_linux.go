package plugins

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// copyProgram copies the program into memory and seals it there. Where the kernel does not allow
// programs in memory (vm.memfd_noexec = 2) it makes a file.
func copyProgram(program *os.File) (*image, string, error) {
	file, err := memory()
	if err != nil {
		return privateCopy(program)
	}
	sum, err := pour(file, program)
	if err == nil {
		_, err = unix.FcntlInt(file.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_WRITE|unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_SEAL)
	}
	if err != nil {
		_ = file.Close()
		return nil, "", err
	}
	// The process inherits the file as its descriptor 3, the first after stderr.
	return &image{path: "/proc/self/fd/3", files: []*os.File{file}, remove: func() { _ = file.Close() }}, sum, nil
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
