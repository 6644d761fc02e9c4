//go:build unix

package fileperm

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/pause"
)

// MaxTrusted is the largest size of a trusted file that is read, in bytes. A pipe may have no end.
const MaxTrusted = 1 << 20

// pipePause is the interval at which a pipe is checked for a writer.
const pipePause = 10 * time.Millisecond

// read returns the content of the file, if it is still the one that was found.
func (p place) read(ctx context.Context) ([]byte, error) {
	flags := os.O_RDONLY | syscall.O_NONBLOCK
	if !p.inherited {
		flags |= noFollow
	}
	file, err := p.open(ctx, flags)
	switch {
	case wasLink(err), errors.Is(err, fs.ErrNotExist):
		return nil, errReplaced
	case err != nil:
		return nil, err
	}
	defer func() { _ = file.Close() }() // nothing was written
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !os.SameFile(info, p.info) {
		return nil, errReplaced
	}
	return drain(ctx, p.path, file, info.Mode()&fs.ModeNamedPipe != 0 && !p.inherited)
}

// open opens the file. It waits for a process that has to give up a lease on it.
func (p place) open(ctx context.Context, flags int) (*os.File, error) {
	for {
		file, err := os.OpenFile(p.path, flags, 0)
		if !errors.Is(err, syscall.EAGAIN) {
			return file, err
		}
		if err := pause.For(ctx, pipePause); err != nil {
			return nil, err
		}
	}
}

// drain reads a file that was opened without blocking, until its end or that of ctx. If awaited is
// set, the file is a pipe that may have no writer yet: its end counts only after it returned data.
func drain(ctx context.Context, path string, file *os.File, awaited bool) ([]byte, error) {
	defer context.AfterFunc(ctx, func() { _ = file.SetReadDeadline(time.Unix(1, 0)) })() // some files have no deadlines
	var text []byte
	piece := make([]byte, 32<<10)
	for {
		n, err := file.Read(piece)
		if text = append(text, piece[:n]...); len(text) > MaxTrusted {
			return nil, &core.FileError{Path: path, Reason: "it has more than 1 MiB", HintText: "name another file", Err: ErrUnsafe}
		}
		switch {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case n > 0, err == nil:
			continue
		case errors.Is(err, io.EOF) && (!awaited || len(text) > 0):
			return text, nil
		case errors.Is(err, io.EOF), errors.Is(err, syscall.EAGAIN):
			if err := pause.For(ctx, pipePause); err != nil {
				return nil, err
			}
		default:
			return nil, err
		}
	}
}
