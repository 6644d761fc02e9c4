package inifile_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/taegis-go/taegis/internal/inifile"
	"github.com/taegis-go/taegis/internal/testutil"
)

// oracle is a Python process that returns what configparser reads in a text.
type oracle struct {
	in      io.Writer
	answers *bufio.Reader
}

// reading is what Python reads of a text.
type reading struct {
	Error    string // the exception that the text as a whole raises, "" for none
	Sections map[string]struct {
		Raw    map[string]string  // the section's own keys
		Values map[string]*string // all keys, with references resolved; nil if that raises
	}
	Unassigned bool // the text holds characters that Python's Unicode does not define
}

func newOracle(t testing.TB) *oracle {
	cmd := exec.Command(testutil.Program(t, "python3"), "testdata/python_config.py", "serve")
	cmd.Env = append(os.Environ(), "PYTHONUTF8=1")
	cmd.Stderr = t.Output()
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
	t.Cleanup(func() {
		_ = in.Close() // ends it
		if err := cmd.Wait(); err != nil {
			t.Error("python:", err)
		}
	})
	return &oracle{in: in, answers: bufio.NewReader(out)}
}

// fataler is what a test, a fuzz test and a property of rapid have in common.
type fataler interface{ Fatalf(string, ...any) }

// ask returns all that Python reads.
func (o *oracle) ask(t fataler, text []byte) (r reading) {
	_, _ = fmt.Fprintln(o.in, base64.StdEncoding.EncodeToString(text)) // its end shows in the answer
	line, err := o.answers.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &r)
	}
	if err != nil {
		t.Fatalf("%q: Python gave no answer: %v", text, err)
	}
	return r
}

// read returns the values that Python reads in the sections but DEFAULT, or the name of the
// exception that it raises.
func (o *oracle) read(t fataler, text []byte) (sections map[string]map[string]string, exception string) {
	r := o.ask(t, text)
	if r.Error != "" {
		return nil, r.Error
	}
	sections = map[string]map[string]string{}
	for name, s := range r.Sections {
		if name == inifile.DefaultSection {
			continue
		}
		sections[name] = map[string]string{}
		for k, v := range s.Values {
			if v == nil {
				return nil, "InterpolationError"
			}
			sections[name][k] = *v
		}
	}
	return sections, ""
}

// own returns the keys of each section itself, and DEFAULT if it has any.
func (r reading) own() map[string]map[string]string {
	all := map[string]map[string]string{}
	for name, s := range r.Sections {
		if name != inifile.DefaultSection || len(s.Raw) > 0 {
			all[name] = s.Raw
		}
	}
	return all
}
