package ctxio_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/internal/ctxio"
)

var errGaveUp = errors.New("gave up")

// started is a reader that never ends, and reports that it is read.
type started func()

func (s started) Read([]byte) (int, error) {
	s()
	select {}
}

func TestReadAll(t *testing.T) {
	text, err := ctxio.ReadAll(t.Context(), strings.NewReader("text"))
	if string(text) != "text" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	if _, err := ctxio.ReadAll(ctx, started(func() { cancel(errGaveUp) })); !errors.Is(err, errGaveUp) {
		t.Errorf("reading what never ends: %v", err)
	}
	if _, err := ctxio.ReadAll(ctx, started(func() { t.Error("read after the end of the context") })); !errors.Is(err, errGaveUp) {
		t.Errorf("after the end of the context: %v", err)
	}
}

func TestReadFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if _, err := ctxio.ReadFile(t.Context(), path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := ctxio.ReadFile(t.Context(), path); string(text) != "text" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
}

// A value and an error may come together.
func TestDoReturnsBothResults(t *testing.T) {
	if value, err := ctxio.Do(t.Context(), func() (int, error) { return 7, errGaveUp }); value != 7 || !errors.Is(err, errGaveUp) {
		t.Errorf("%d, %v", value, err)
	}
}

func TestOutputEndsWhenItsReaderHasStopped(t *testing.T) {
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close() // ends the write that is left behind
	defer writer.Close()
	ctx, cancel := context.WithCancelCause(t.Context())
	out := ctxio.NewOutput(ctx, writer)
	if out.Fd() != writer.Fd() {
		t.Error("another descriptor")
	}
	go func() {
		_, _ = io.ReadFull(reader, make([]byte, 1))
		cancel(errGaveUp)
	}()
	if _, err := io.WriteString(out, strings.Repeat("x", 1<<20)); !errors.Is(err, errGaveUp) {
		t.Errorf("writing to a full pipe: %v", err)
	}
}

// What was collected before the end of the context is still written, if the reader takes it.
func TestOutputAfterTheEnd(t *testing.T) {
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	out := ctxio.NewOutput(ctx, writer)
	if n, err := out.Write([]byte("collected")); n != len("collected") || err != nil {
		t.Fatal(n, err)
	}
	if err := out.File().Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(reader); string(got) != "collected" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}
