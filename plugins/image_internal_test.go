package plugins

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/taegis-go/taegis/plugins/internal/contract"
)

// TestPrivateCopy checks the copy that is made where programs cannot run from memory.
func TestPrivateCopy(t *testing.T) {
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	checksum, err := Checksum(path)
	if err != nil {
		t.Fatal(err)
	}
	program, err := openProgram(path)
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	image, sum, err := privateCopy(program)
	if err != nil || sum != checksum {
		t.Fatalf("the copy has the sum %s, %v; want %s", sum, err, checksum)
	}
	for path, want := range map[string]fs.FileMode{image.path: 0o500, filepath.Dir(image.path): 0o700} {
		info, err := os.Stat(path)
		if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	if out, err := exec.Command(image.path, "-test.run=^$").CombinedOutput(); err != nil {
		t.Errorf("the copy does not run: %v\n%s", err, out)
	}
	c, err := startChild(t.Context(), newProgram(image, path, &printed{}), []string{"TAEGIS_TEST_ACT=opaque"})
	if err != nil {
		t.Fatal(err)
	}
	gone := func(when string) {
		if _, err := os.Stat(filepath.Dir(image.path)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the copy is still there %s: %v", when, err)
		}
	}
	if runtime.GOOS != "windows" {
		gone("while it runs")
	}
	if _, err := c.Describe(t.Context(), &contract.DescribeRequest{}); err != nil {
		t.Errorf("the copy does not answer: %v", err)
	}
	c.stop()
	gone("after its end")
}

// TestSweep leaves copies behind, as on Windows a host does that is killed.
func TestSweep(t *testing.T) {
	temp := t.TempDir()
	for _, variable := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(variable, temp)
	}
	for name, age := range map[string]time.Duration{copies + "1": 2 * time.Hour, copies + "2": 0, "taegis-plugin-acme": 2 * time.Hour} {
		program, then := filepath.Join(temp, name, "program"), time.Now().Add(-age)
		err := errors.Join(os.Mkdir(filepath.Dir(program), 0o700), os.WriteFile(program, nil, 0o500), os.Chtimes(filepath.Dir(program), then, then))
		if err != nil {
			t.Fatal(err)
		}
	}
	sweep()
	left, err := filepath.Glob(filepath.Join(temp, "*"))
	if want := []string{filepath.Join(temp, "taegis-plugin-acme"), filepath.Join(temp, copies+"2")}; err != nil || !slices.Equal(left, want) {
		t.Errorf("%q are left, %v; want %q", left, err, want)
	}
}
