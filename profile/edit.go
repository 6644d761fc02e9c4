package profile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/atomicfile"
)

// Template is the file that `taegis profile init` writes.
const Template = `# Profiles of the Taegis SDK. ` + "`taegis profile show`" + ` prints the active settings.
version = 1
profile = "default"

[profiles.default]
environment = "charlie"
# tenant = "145831"
# username = "ann@example.com"
# token-store = "keyring" # auto, keyring, encrypted-file, file or memory
# chain = ["client-credentials", { method = "sso", continue-on-error = true }, "password"]
`

// Init writes [Template] to path and returns it as a File. If the file exists, Init leaves it as it
// is and returns a [*core.FileError] that wraps [fs.ErrExist].
func Init(path string) (*File, error) {
	f, err := parse(path, []byte(Template))
	if err != nil {
		return nil, err
	}
	if err := editable(path); err != nil {
		return nil, err
	}
	unlock, err := lockEdits(path)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if info, err := os.Lstat(path); err == nil {
		hint := "edit it, or move it away"
		if !info.Mode().IsRegular() {
			hint = "name another file in " + PathVariable
		}
		return nil, &core.FileError{Path: path, Reason: "already exists", HintText: hint, Err: fs.ErrExist}
	}
	if err := write(path, []byte(Template)); err != nil {
		return nil, unwritable(path, err)
	}
	return f, nil
}

// Use sets the active profile in the file. It keeps the rest of the file, comments included. An
// unknown profile returns a [*core.FileError] that wraps [ErrUnknown]; a file that cannot be edited
// or written returns a [*core.FileError].
func (f *File) Use(name string) error {
	return f.locked(func() error {
		if _, ok := f.Profiles[name]; !ok {
			return f.unknown(name)
		}
		return f.edit(func(text string) string { return withCurrent(text, name) }, func(want *File) { want.Current = name })
	})
}

// withCurrent sets the line of the key profile, or adds it as the first line.
func withCurrent(text, name string) string {
	line := "profile = " + quote(name)
	head, tables := cutTables(text)
	if at := currentLine().FindStringIndex(head); at != nil {
		return head[:at[0]] + line + head[at[1]:] + tables
	}
	return line + "\n" + head + tables
}

// currentLine matches the line of the key profile, up to a comment after the value.
var currentLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^[ \t]*profile[ \t]*=[ \t]*("[^"\n]*"|'[^'\n]*')`)
})

// tableLine matches the first line of a table.
var tableLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^[ \t]*\[`) })

// cutTables splits the text before its first table.
func cutTables(text string) (head, tables string) {
	if at := tableLine().FindStringIndex(text); at != nil {
		return text[:at[0]], text[at[0]:]
	}
	return text, ""
}

// withoutTables removes the tables with a first line that matches from the text. It keeps the
// comments directly above the next table.
func withoutTables(text string, table *regexp.Regexp) string {
	var kept, above []string
	inside := false
	for line := range strings.Lines(text) {
		if tableLine().MatchString(line) {
			inside = table.MatchString(line)
			if !inside {
				kept = append(kept, above...)
			}
			above = nil
		}
		switch {
		case !inside:
			kept = append(kept, line)
		case strings.TrimSpace(line) == "":
			above = nil
		case strings.HasPrefix(strings.TrimSpace(line), "#"):
			above = append(above, line)
		default:
			above = nil
		}
	}
	return strings.Join(kept, "")
}

// quote returns a TOML string, which has fewer escapes than a Go string.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"', r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ', r == 0x7f:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func quoted(list []string) string {
	list = slices.Clone(list)
	for i := range list {
		list[i] = quote(list[i])
	}
	return strings.Join(list, ", ")
}

// edit applies a change to the text of the file, which may be invalid without that change. The file
// that results must be the old one with the effect applied; if the file's syntax is one that the
// change does not handle, edit writes nothing and returns an error.
func (f *File) edit(change func(string) string, effect func(*File)) error {
	if err := editable(f.Path); err != nil {
		return err
	}
	if info, err := os.Stat(f.Path); err == nil && !info.Mode().IsRegular() {
		return &core.FileError{Path: f.Path, Reason: "not a regular file, so it cannot be edited", HintText: "name a file in " + PathVariable}
	}
	before, err := read(context.Background(), f.Path) // a regular file never blocks
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	want, err := decode(f.Path, before)
	if err != nil {
		return err
	}
	effect(want)
	if len(want.Plugins) == 0 {
		want.Plugins = nil // as without any table
	}
	text := change(string(before))
	got, err := decode(f.Path, []byte(text))
	if err != nil || !reflect.DeepEqual(got, want) { // err is dropped: its line is one of a text that is never written
		return &core.FileError{Path: f.Path, Reason: "its syntax is too unusual for an automatic edit", HintText: "edit it by hand"}
	}
	got.clean()
	if got, err = got.layered([]byte(text)); err != nil {
		return err
	}
	if err := got.checkAll([]byte(text)); err != nil {
		return invalid(err)
	}
	if err := write(f.Path, []byte(text)); err != nil {
		return unwritable(f.Path, err)
	}
	*f = *got
	return nil
}

// write replaces the file's text. It follows and keeps a symbolic link.
func write(path string, text []byte) error {
	path = target(path)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	old, err := os.Stat(path)
	if err != nil {
		old = nil
	}
	return atomicfile.File(afero.NewOsFs(), path, text, old)
}

func unwritable(path string, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return unreadable(path, err)
	}
	return &core.FileError{Path: path, Reason: "cannot be written", HintText: "name another file in " + PathVariable, Err: err}
}
