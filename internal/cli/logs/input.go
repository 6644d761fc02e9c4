package logs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/ctxio"
	"github.com/taegis-go/taegis/internal/spool"
)

// input is what is sent.
type input struct {
	io.Reader
	source string   // as the journal has it
	file   *os.File // nil for standard input
	size   int64    // of a regular file, which is read up to it
	read   int64
}

// openInput opens a file or standard input. A FIFO is like standard input.
func openInput(ctx context.Context, a *cmdutil.App, path string) (*input, error) {
	if path == spool.Pipe {
		return &input{Reader: a.In, source: spool.Pipe}, nil
	}
	file, err := ctxio.Do(ctx, func() (*os.File, error) { return os.Open(path) })
	if err != nil {
		return nil, inputError(path, err)
	}
	info, err := file.Stat()
	switch {
	case err != nil:
		_ = file.Close() // that error matters more
		return nil, inputError(path, err)
	case info.IsDir():
		_ = file.Close() // as above
		return nil, inputError(path, errors.New("it is a folder: give the files in it one by one"))
	case !info.Mode().IsRegular():
		return &input{Reader: file, source: spool.Pipe, file: file}, nil
	}
	return &input{Reader: io.LimitReader(file, info.Size()), source: path, file: file, size: info.Size()}, nil
}

// Read counts what was read.
func (i *input) Read(p []byte) (int, error) {
	n, err := i.Reader.Read(p)
	i.read += int64(n)
	if err == io.EOF && i.source != spool.Pipe && i.read < i.size {
		return n, fmt.Errorf("it has become shorter while it was read: %d of %d bytes", i.read, i.size)
	}
	return n, err
}

// grown returns the size of a file that has grown since it was opened, else 0.
func (i *input) grown() int64 {
	if i.file == nil || i.source == spool.Pipe {
		return 0
	}
	info, err := i.file.Stat()
	if err != nil || info.Size() <= i.size {
		return 0
	}
	return info.Size()
}

// Close closes the file.
func (i *input) Close() error {
	if i.file == nil {
		return nil
	}
	return i.file.Close()
}

// inputError returns the error of an input that cannot be read. One of the spool names its own file.
func inputError(path string, err error) error {
	if fault, ok := errors.AsType[*core.FileError](err); ok {
		return fault
	}
	return &core.FileError{Path: path, Reason: cmdutil.Cause(err).Error(), Err: err}
}
