package doctor

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/taegis-go/taegis/internal/shellquote"
)

// commandName is the usual name of this program.
const commandName = "taegis"

// command finds other programs with this program's name. The vendor's notebook tool installs one.
func (e *examination) command() finding {
	self, err := os.Executable()
	if err != nil {
		return skip("the path of this program is unknown")
	}
	own, err := os.Stat(self)
	if err != nil {
		return skip("the path of this program is unknown")
	}
	isFirst, found := false, 0
	var others []string
	first := "" // the other program that a shell would start
	for _, path := range commandsNamed(commandName) {
		info, err := os.Stat(path)
		if err != nil {
			continue
		}
		found++
		if os.SameFile(own, info) {
			isFirst = isFirst || found == 1
			continue
		}
		if found == 1 {
			first = path
		}
		others = append(others, path+describeCommand(path))
	}
	switch {
	case len(others) == 0:
		return passed("%s; no other program has the name %s", self, commandName)
	case first == "":
		return passed("%s; other programs called %s, later in PATH: %s", self, commandName, strings.Join(others, ", "))
	}
	return doubtful(secondName(self), "%s is another program than this one, %s: %s", commandName, self, strings.Join(others, ", "))
}

// secondName returns the command that defines another name for this program.
func secondName(self string) string {
	const name = commandName + "-go"
	if runtime.GOOS == "windows" {
		return "Set-Alias " + name + ` "` + self + `"`
	}
	return "alias " + name + "=" + shellquote.Word(shellquote.Word(self))
}

// commandsNamed returns the programs with a name in the folders of PATH, in order and without
// duplicates.
func commandsNamed(name string) []string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	var paths []string
	seen := map[string]bool{}
	for _, folder := range filepath.SplitList(os.Getenv("PATH")) {
		path := filepath.Join(folder, name)
		info, err := os.Stat(path)
		if folder == "" || err != nil || !info.Mode().IsRegular() || runtime.GOOS != "windows" && info.Mode().Perm()&0o111 == 0 {
			continue
		}
		at := path
		if resolved, err := filepath.EvalSymlinks(path); err == nil {
			at = resolved
		}
		if !seen[at] {
			seen[at] = true
			paths = append(paths, path)
		}
	}
	return paths
}

// describeCommand returns a description of a program from its first bytes, or "". Programs that pip
// installs are short scripts that import the package that they start.
func describeCommand(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }() // nothing was written
	head, _ := io.ReadAll(io.LimitReader(file, 4<<10))
	isScript := bytes.HasPrefix(head, []byte("#!"))
	if !isScript && runtime.GOOS == "windows" { // on Windows the script follows its launcher
		if info, err := file.Stat(); err == nil {
			head = make([]byte, min(info.Size(), 64<<10))
			_, _ = file.ReadAt(head, info.Size()-int64(len(head)))
		}
	}
	switch {
	case bytes.Contains(head, []byte("taegis_magic")):
		return " (the vendor's notebook tool, taegis-magic)"
	case isScript && bytes.Contains(head, []byte("python")):
		return " (a Python program)"
	}
	return ""
}
