package crash_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/taegis-go/taegis/internal/testutil"
)

// python is Python's own opinion of a file, from one process for all of them.
type python struct {
	mu  sync.Mutex
	in  io.Writer
	out *bufio.Scanner
}

func startPython(t testing.TB) *python {
	t.Helper()
	script := filepath.Join("..", "..", "inifile", "testdata", "python_config.py")
	cmd := exec.CommandContext(t.Context(), testutil.Program(t, "python3"), script, "serve")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(in.Close(), cmd.Wait()) })
	scanner := bufio.NewScanner(out)
	scanner.Buffer(nil, 1<<20)
	return &python{in: in, out: scanner}
}

// agrees returns an error unless configparser can read the file and finds in it what we do.
func (p *python) agrees(ctx context.Context, dir string) error {
	file := shared(dir, silent)
	text, err := os.ReadFile(file.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	ours, err := file.Snapshot(ctx)
	if err != nil {
		return err
	}
	theirs, err := p.read(text)
	if err != nil {
		return err
	}
	for section, keys := range theirs {
		for key, value := range keys.Values {
			if got, ok := ours.Get(section, key); !ok || got != value {
				return fmt.Errorf("for Python [%s] %s is %q, for us %q", section, key, value, got)
			}
		}
	}
	for _, section := range ours.Sections() {
		for _, key := range ours.Keys(section) {
			if _, ok := theirs[section].Values[key]; !ok {
				return fmt.Errorf("for Python there is no [%s] %s", section, key)
			}
		}
	}
	return nil
}

// reading is what configparser finds in a section.
type reading struct{ Values map[string]string }

// read returns what configparser reads in a text.
func (p *python) read(text []byte) (map[string]reading, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintln(p.in, base64.StdEncoding.EncodeToString(text))
	if !p.out.Scan() {
		return nil, errors.Join(errors.New("there was no answer from Python"), p.out.Err())
	}
	var answer struct {
		Error    string
		Sections map[string]reading
	}
	err := json.Unmarshal(p.out.Bytes(), &answer)
	if answer.Error != "" {
		err = errors.New("configparser raises " + answer.Error)
	}
	return answer.Sections, err
}
