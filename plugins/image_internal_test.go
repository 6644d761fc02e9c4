package plugins

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// TestPrivateCopy checks the copy that is made where programs cannot run from memory.
func TestPrivateCopy(t *testing.T) {
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	pin, err := Pin(path)
	if err != nil {
		t.Fatal(err)
	}
	program, err := openProgram(path)
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	image, sum, err := privateCopy(program)
	if err != nil || sum != pin {
		t.Fatalf("the copy has the sum %s, %v; want %s", sum, err, pin)
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
	image.ended()
	if _, err := os.Stat(filepath.Dir(image.path)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the copy is still there: %v", err)
	}
}
