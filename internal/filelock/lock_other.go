//go:build !windows && (!unix || aix || solaris)

package filelock

import (
	"errors"
	"os"
)

const noFollow = 0

func tryLock(*os.File) error { return errors.ErrUnsupported }
