package doctor

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"strconv"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/internal/shellquote"
	"github.com/taegis-go/taegis/internal/text"
)

// status is what a check came to.
type status string

const (
	fine    status = "ok"
	warning status = "warning"
	failure status = "failure"
	skipped status = "skipped"
)

// mark is the status as users read it.
func (s status) mark() string {
	switch s {
	case warning:
		return "warn"
	case failure:
		return "FAIL"
	case skipped:
		return "skip"
	default:
		return string(s)
	}
}

// finding is the result of one check.
type finding struct {
	// ID names the check and stays the same between versions.
	ID     string `json:"id"`
	Status status `json:"status"`
	// Found is what was found in one line; of a check that was skipped, why.
	Found string `json:"found"`
	// Hint is a command to paste, empty where all is well.
	Hint string `json:"hint,omitempty"`
}

func ok(format string, args ...any) finding {
	return finding{Status: fine, Found: fmt.Sprintf(format, args...)}
}

func skip(format string, args ...any) finding {
	return finding{Status: skipped, Found: fmt.Sprintf(format, args...)}
}

func doubtful(hint, format string, args ...any) finding {
	return finding{Status: warning, Found: fmt.Sprintf(format, args...), Hint: hint}
}

func bad(hint, format string, args ...any) finding {
	return finding{Status: failure, Found: fmt.Sprintf(format, args...), Hint: hint}
}

// wrong is the failure that an error is. Where it is about a line of a file, the hint opens that.
func wrong(err error, hint string) finding {
	f := bad(hint, "%v", err)
	file, isFile := errors.AsType[*core.FileError](err)
	if isFile && file.Line > 0 {
		f.Hint = editor(file.Path, file.Line)
	}
	f.Hint = cmp.Or(f.Hint, core.Hint(err))
	return f
}

// named returns the finding as that of a check, fit to be shown: claims and names of files come
// from elsewhere.
func (f finding) named(id string) finding {
	f.ID = text.OneLine(id)
	f.Found = cmdutil.OneLine(f.Found)
	f.Hint = redact.Message(f.Hint)
	return f
}

// editor opens a file at a line, at its beginning for line 0.
func editor(path string, line int) string {
	if runtime.GOOS == "windows" {
		return `notepad "` + path + `"`
	}
	at := ""
	if line > 0 {
		at = "+" + strconv.Itoa(line) + " "
	}
	return `"${EDITOR:-vi}" ` + at + shellquote.Word(path)
}
