package plugins

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/taegis-go/taegis/plugins/internal/contract"
)

// writeELF writes a program that the kernel loads itself, as far as its beginning tells.
func writeELF(t *testing.T) (path, checksum string) {
	t.Helper()
	self, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer self.Close()
	header := make([]byte, 4096)
	if _, err := io.ReadFull(self, header); err != nil {
		t.Fatal(err)
	}
	return writeProgram(t, header)
}

func writeProgram(t *testing.T, text []byte) (path, checksum string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, text, 0o700); err != nil {
		t.Fatal(err)
	}
	checksum, err := Checksum(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, checksum
}

// TestNoOtherUserCanWrite checks both ways to keep a program from being changed between the
// comparison and the start.
func TestNoOtherUserCanWrite(t *testing.T) {
	path, checksum := writeELF(t)
	write := func() error {
		fd, err := unix.Open(path, unix.O_WRONLY|unix.O_NONBLOCK, 0)
		if err == nil {
			unix.Close(fd)
		}
		return err
	}

	leased, err := newImage(path, only(checksum))
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
	sealed, err := newImage(path, only(checksum))
	if err != nil {
		t.Fatal(err)
	}
	defer sealed.ended()
	if _, err := writer.WriteString("evil"); err != nil {
		t.Fatal(err)
	}
	wantSealed(t, sealed, checksum)
}

// wantSealed checks that an image cannot be changed, for example by the descriptor that its process
// inherits.
func wantSealed(t *testing.T, image *image, checksum string) {
	t.Helper()
	if len(image.files) != 1 {
		t.Fatalf("the process inherits %d files", len(image.files))
	}
	if _, err := image.files[0].WriteAt([]byte("evil"), 0); !errors.Is(err, unix.EPERM) {
		t.Errorf("writing to the copy gives %v", err)
	}
	if err := image.files[0].Truncate(1 << 20); !errors.Is(err, unix.EPERM) {
		t.Errorf("truncating the copy gives %v", err)
	}
	if sum, err := pour(io.Discard, image.files[0]); sum != checksum || err != nil {
		t.Errorf("the copy has the sum %s, %v", sum, err)
	}
}

// TestWhatIsSealed checks that everything but a program that the kernel loads itself is copied into
// sealed memory, also where a lease could be had.
func TestWhatIsSealed(t *testing.T) {
	native, _ := writeELF(t)
	elf, err := os.ReadFile(native)
	if err != nil {
		t.Fatal(err)
	}
	changed := func(at int, to byte) string {
		text := []byte(string(elf))
		text[at] = to
		return string(text)
	}
	for name, c := range map[string]struct {
		text   string
		script bool
	}{
		"script":                    {"#!/bin/sh\nexit\n", true},
		"script that ends at once":  {"#!", true},
		"text":                      {"exit\n", false},
		"one byte":                  {"#", false},
		"empty":                     {"", false},
		"ELF, too short":            {string(elf[:19]), false},
		"ELF of another machine":    {changed(18, 0xf7), false},
		"ELF of another class":      {changed(4, 3), false},
		"ELF of another byte order": {changed(5, 3), false},
		"program of Windows":        {"MZ" + string(elf), false},
	} {
		t.Run(name, func(t *testing.T) {
			path, checksum := writeProgram(t, []byte(c.text))
			image, err := newImage(path, only(checksum))
			if err != nil {
				t.Fatal(err)
			}
			defer image.ended()
			if image.script != c.script {
				t.Errorf("script: %v", image.script)
			}
			wantSealed(t, image, checksum)
			writer, err := unix.Open(path, unix.O_WRONLY|unix.O_NONBLOCK, 0)
			if err != nil {
				t.Fatalf("there is a lease: %v", err)
			}
			unix.Close(writer)
		})
	}
}

// TestWriterThatWaits opens a program for writing after it was hashed: the writer waits, and the
// system would start nothing from that file.
func TestWriterThatWaits(t *testing.T) {
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	path, checksum := writeProgram(t, self)
	image, err := newImage(path, only(checksum))
	if err != nil {
		t.Fatal(err)
	}
	opened := make(chan error, 1)
	go func() {
		fd, err := unix.Open(path, unix.O_WRONLY, 0)
		if err == nil {
			_, err = unix.Pwrite(fd, []byte("evil"), 0)
			unix.Close(fd)
		}
		opened <- err
	}()
	for image.intact() { // until the writer waits
		time.Sleep(time.Millisecond)
	}
	c, err := startChild(t.Context(), newProgram(image, path, &printed{}), []string{"TAEGIS_TEST_ACT=opaque"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.stop()
	if err := <-opened; err != nil {
		t.Errorf("the writer got %v", err)
	}
	if _, err := c.Describe(t.Context(), &contract.DescribeRequest{}); err != nil {
		t.Errorf("the program does not answer: %v", err)
	}
}

// TestWriterThatWasFaster takes the lease away before the program starts, as the system does from
// a process that stands still: what was written since is not run.
func TestWriterThatWasFaster(t *testing.T) {
	path, checksum := writeELF(t)
	image, err := newImage(path, only(checksum))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := unix.FcntlInt(image.files[0].Fd(), unix.F_SETLEASE, unix.F_UNLCK); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\necho it runs >&2\n"
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	out := &printed{}
	_, err = startChild(t.Context(), newProgram(image, path, out), nil)
	if e, ok := errors.AsType[*ChecksumError](err); !ok || !slices.Equal(e.Want, []string{checksum}) || e.Got == checksum || e.Path != path {
		t.Errorf("the start gives %v", err)
	}
	if text := out.tail(); text != "" {
		t.Errorf("it ran: %s", text)
	}
}

// TestNotExecutable checks that a program that its file does not let run is not run from a copy.
func TestNotExecutable(t *testing.T) {
	path, checksum := writeProgram(t, []byte("#!/bin/sh\n"))
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := newImage(path, only(checksum)); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("the error is %v", err)
	}
}

// TestPipeInPlaceOfAProgram does not wait for its writer.
func TestPipeInPlaceOfAProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "program")
	if err := unix.Mkfifo(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Checksum(path); err == nil || !strings.Contains(err.Error(), "regular file") {
		t.Errorf("the error is %v", err)
	}
}

// only permits the program with that checksum.
func only(checksum string) func(string) error {
	return func(sum string) error {
		if sum != checksum {
			return &ChecksumError{Want: []string{checksum}, Got: sum}
		}
		return nil
	}
}
