//go:build !linux

package plugins

import "os"

func copyProgram(program *os.File) (*image, string, error) { return privateCopy(program) }
