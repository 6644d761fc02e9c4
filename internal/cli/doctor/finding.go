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

// status is the outcome of a check.
type status string

const (
	fine    status = "ok"
	warning status = "warning"
	failure status = "failure"
	skipped status = "skipped"
)

// mark returns the status as text.
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
	// Found is the result on one line, or the reason why the check was skipped.
	Found string `json:"found"`
	// Hint is a command to paste. It is empty if there is no problem.
	Hint string `json:"hint,omitempty"`
}

func passed(format string, args ...any) finding {
	return finding{Status: fine, Found: fmt.Sprintf(format, args...)}
}

func skip(format string, args ...any) finding {
	return finding{Status: skipped, Found: fmt.Sprintf(format, args...)}
}

func doubtful(hint, format string, args ...any) finding {
	return finding{Status: warning, Found: fmt.Sprintf(format, args...), Hint: hint}
}

func failed(hint, format string, args ...any) finding {
	return finding{Status: failure, Found: fmt.Sprintf(format, args...), Hint: hint}
}

// wrong returns the failure for an error. If the error names a line of a file, the hint opens it there.
func wrong(err error, hint string) finding {
	f := failed(hint, "%v", err)
	file, isFile := errors.AsType[*core.FileError](err)
	if isFile && file.Line > 0 {
		f.Hint = editor(file.Path, file.Line)
	}
	f.Hint = cmp.Or(f.Hint, core.Hint(err))
	return f
}

// named returns the finding with the ID of its check, escaped and redacted for display.
func (f finding) named(id string) finding {
	f.ID = text.OneLine(id)
	f.Found = cmdutil.OneLine(f.Found)
	f.Hint = redact.Message(f.Hint)
	return f
}

// editor returns the command that opens a file at a line, or at its beginning if line is 0.
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
