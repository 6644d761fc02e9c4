//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package terminal

import (
	"context"
	"errors"
	"os"
)

var (
	endSignals      = []os.Signal{os.Interrupt}
	continueSignals []os.Signal
)

// device is not supported on this system.
type device struct{}

func openDevice() (*device, error) { return nil, errors.ErrUnsupported }

func (*device) close()                                    {}
func (*device) discardInput()                             {}
func (*device) Write([]byte) (int, error)                 { return 0, errors.ErrUnsupported }
func (*device) read(context.Context, []byte) (int, error) { return 0, errors.ErrUnsupported }
func (*device) modes() (struct{}, error)                  { return struct{}{}, errors.ErrUnsupported }
func (*device) setModes(struct{}) error                   { return errors.ErrUnsupported }
func lineModes(modes struct{}, _ echo) struct{}           { return modes }
