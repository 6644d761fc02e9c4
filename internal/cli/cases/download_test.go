package cases

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSafeNames(t *testing.T) {
	for name, want := range map[string]string{
		"notes.txt": "notes.txt", "../../etc/passwd": "passwd", `..\..\boot.ini`: "boot.ini", "/etc/passwd": "passwd",
		"..": "file-f-1", ".": "file-f-1", "": "file-f-1", "a/": "file-f-1", ".bashrc": "bashrc", "-rf": "rf",
		"a\x1b[31mb\n.txt": "a_[31mb_.txt", "a:b.txt": "a_b.txt", "NUL.txt": "_NUL.txt", "con": "_con", "é ü.pdf": "é ü.pdf",
		"a\u202etxt.exe": "a_txt.exe", "\xff\xfe": "__", "x. .": "x", strings.Repeat("é", 300) + ".pdf": strings.Repeat("é", 98) + ".pdf",
	} {
		if got := safeName(name, "f-1"); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	if got := safeName("", "../x"); strings.ContainsAny(got, `/\`) {
		t.Errorf("the id gives %q", got)
	}
}

func TestSaveKeepsWhatExists(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	for _, c := range []struct {
		text, want string
		force      bool
	}{{"first", "first", false}, {"second", "first", false}, {"third", "third", true}} {
		_, err := save(strings.NewReader(c.text), path, c.force)
		if errors.Is(err, fs.ErrExist) != (c.text == "second") {
			t.Errorf("%s: %v", c.text, err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != c.want {
			t.Errorf("%s: %q, %v", c.text, got, err)
		}
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
}
