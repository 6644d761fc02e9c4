package plugins

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// TestNobodyCanWrite checks both ways to keep a program from being changed between the comparison
// and the start.
func TestNobodyCanWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	pin, err := Pin(path)
	if err != nil {
		t.Fatal(err)
	}
	write := func() error {
		fd, err := unix.Open(path, unix.O_WRONLY|unix.O_NONBLOCK, 0)
		if err == nil {
			unix.Close(fd)
		}
		return err
	}

	leased, err := newImage(path, pin)
	if err != nil {
		t.Fatal(err)
	}
	if err := write(); !errors.Is(err, unix.EWOULDBLOCK) {
		t.Errorf("opening it for writing gives %v", err)
	}
	leased.started()
	if err := write(); err != nil {
		t.Errorf("once it runs, opening it for writing gives %v", err)
	}

	writer, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	sealed, err := newImage(path, pin)
	if err != nil {
		t.Fatal(err)
	}
	defer sealed.ended()
	if _, err := writer.WriteString("#!/bin/evil\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := sealed.files[0].WriteAt([]byte("#!/bin/evil\n"), 0); !errors.Is(err, unix.EPERM) {
		t.Errorf("writing to the copy gives %v", err)
	}
	if sum, err := pour(io.Discard, sealed.files[0]); sum != pin || err != nil {
		t.Errorf("the copy has the sum %s, %v", sum, err)
	}
}
