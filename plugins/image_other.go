//go:build !linux

package plugins

import (
	"errors"
	"os"
)

func inPlace(*os.File) (*image, string, error)  { return nil, "", errors.ErrUnsupported }
func inMemory(*os.File) (*image, string, error) { return nil, "", errors.ErrUnsupported }
