//go:build !linux

package plugins

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
)

func inPlace(*os.File) (*image, string, error)  { return nil, "", errors.ErrUnsupported }
func inMemory(*os.File) (*image, string, error) { return nil, "", errors.ErrUnsupported }

// executable refuses a program that its owner did not make executable: its copy always is.
func executable(program *os.File) error {
	info, err := program.Stat()
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o111 == 0 {
		err = &fs.PathError{Op: "start", Path: program.Name(), Err: fs.ErrPermission}
	}
	return err
}

// forbidsPrograms returns false: only Linux reports here whether a file system runs programs.
func forbidsPrograms(string) bool { return false }
