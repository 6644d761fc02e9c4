package search

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/atomicfile"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/ctxio"
	"github.com/taegis-go/taegis/internal/envvar"
)

// cursorVersion is the version of the cursor file's format.
const cursorVersion = 1

// identity says which search a cursor belongs to.
type identity struct {
	Command     string `json:"command"` // for example "taegis alerts search"
	Environment string `json:"environment"`
	Tenant      string `json:"tenant,omitempty"`
	// Query, Since and Until are as the user gave them.
	Query string `json:"query"`
	Since string `json:"since,omitempty"`
	Until string `json:"until,omitempty"`
}

// position is how far a search came.
type position struct {
	// Time is when the search began: relative bounds count from it.
	Time time.Time `json:"time"`
	// Window is the index of the window, and Page the cursor within it.
	Window int    `json:"window,omitempty"`
	Page   string `json:"page,omitempty"`
	// Edge are the ids of the records in the second that the window shares with the next one.
	Edge []string `json:"edge,omitempty"`
	// Rows is how many records the search has printed so far.
	Rows int  `json:"rows,omitempty"`
	Done bool `json:"done,omitempty"`
}

// cursorFile is the content of a cursor file.
type cursorFile struct {
	Version int `json:"version"`
	identity
	position
}

// cursor is a cursor file, or nothing if its path is empty.
type cursor struct {
	path string
	of   identity
}

// openCursor reads a cursor file and checks that it can be written. An absent or empty file is the
// start of a search. A file that does not belong to this search is left alone.
func openCursor(ctx context.Context, path string, of identity, now time.Time) (*cursor, position, error) {
	c := &cursor{path: path, of: of}
	start := position{Time: now.UTC().Truncate(time.Second)}
	if path == "" {
		return c, start, nil
	}
	err := c.resolve()
	if err != nil {
		return nil, start, err
	}
	text, err := ctxio.ReadFile(ctx, c.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, start, err
	case len(bytes.TrimSpace(text)) > 0:
		if start, err = c.parse(text); err != nil {
			return nil, start, err
		}
	}
	return c, start, c.save(start)
}

// resolve expands the path and follows a symbolic link, so that the link stays when the file is
// replaced.
func (c *cursor) resolve() error {
	path, err := envvar.Path("--cursor", c.path)
	if err != nil {
		return err
	}
	if path, err = filepath.Abs(path); err != nil {
		return err
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	c.path = path
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return c.fault("it is not a regular file")
	}
	return nil
}

// parse returns the position in a cursor file's text.
func (c *cursor) parse(text []byte) (position, error) {
	var file cursorFile
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil || decoder.More() || file.Version == 0 || file.Time.IsZero() {
		return position{}, c.fault("it is not a cursor file")
	}
	if file.Version != cursorVersion {
		return position{}, c.fault(fmt.Sprintf("it has version %d of the format, and this program writes version %d", file.Version, cursorVersion))
	}
	for _, part := range []struct{ name, in, here string }{
		{"command", file.Command, c.of.Command},
		{"environment", file.Environment, c.of.Environment},
		{"tenant", file.Tenant, c.of.Tenant},
		{"query", file.Query, c.of.Query},
		{"--since", file.Since, c.of.Since},
		{"--until", file.Until, c.of.Until},
	} {
		if part.in != part.here {
			return position{}, c.fault(fmt.Sprintf("it belongs to another search: its %s is %q and not %q", part.name, part.in, part.here))
		}
	}
	if file.Window < 0 || file.Rows < 0 {
		return position{}, c.fault("it is damaged")
	}
	return file.position, nil
}

func (c *cursor) fault(reason string) error {
	return &core.FileError{Path: c.path, Reason: reason, HintText: "give another file, or delete it to start over"}
}

// save writes the position. A reader sees the old or the new one.
func (c *cursor) save(at position) error {
	if c.path == "" {
		return nil
	}
	text, err := json.Marshal(cursorFile{Version: cursorVersion, identity: c.of, position: at})
	if err != nil {
		return err
	}
	old, err := os.Stat(c.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return c.unwritable(err)
	}
	if err := atomicfile.File(afero.NewOsFs(), c.path, append(text, '\n'), old); err != nil {
		return c.unwritable(err)
	}
	return nil
}

func (c *cursor) unwritable(err error) error {
	return &core.FileError{
		Path: c.path, Reason: "the cursor cannot be stored: " + cmdutil.Cause(err).Error(),
		HintText: "give a file in a folder that you can write to", Err: err,
	}
}
