package crash_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore"
)

func sharedPath(dir string) string { return filepath.Join(dir, "home", ".taegis_sdk_python", "config") }

func shared(dir string, log *slog.Logger) *tokenstore.File {
	return &tokenstore.File{Path: sharedPath(dir), Logger: log}
}

func nextShared(ctx context.Context, dir string, log *slog.Logger) error {
	file := shared(dir, log)
	return errors.Join(file.Set(ctx, "next", "writer", time.Now().String()), keep(ctx, file, "one", 99))
}

// foreign is what others have in the file: none of it may get lost.
const foreign = `# kept by hand; do not reorder
[DEFAULT]
proxy = http://proxy.example:3128

; the lab
[lab]
Client_ID : A1B2
notes = one line
    and a second one
    # which is no comment of the file's

[charlie]
client_id=C3D4
# above the token
tenant_id = 145831

[empty]
novalue =
`

func writeForeign(dir string) error {
	path := sharedPath(dir)
	return errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(foreign), 0o600))
}

func lookShared(ctx context.Context, dir string, log *slog.Logger) (state, error) {
	s, file := state{}, shared(dir, log)
	colour, ok, err := file.Get(ctx, "lab", "colour")
	if err != nil {
		return nil, err
	}
	if ok {
		s["colour"] = colour
	}
	text, err := os.ReadFile(file.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	s[foreignLines] = kept(string(text))
	return s, s.tokens(ctx, file)
}

// foreignLines is where a state has how much of what others have in the file is there.
const foreignLines = "foreign lines"

// kept counts the lines of others that are in the text, in their order.
func kept(text string) string {
	others, found := strings.Split(foreign, "\n"), 0
	for line := range strings.SplitSeq(text, "\n") {
		if found < len(others) && line == others[found] {
			found++
		}
	}
	return strconv.Itoa(found)
}

var allForeign = kept(foreign)
