package audit

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"

	"github.com/taegis-go/taegis/core"
)

// Targets of a [Log] that are no file.
const (
	Syslog  = "syslog"  // the socket /dev/log, facility authpriv
	Journal = "journal" // the journal of systemd
)

// Log is an audit log. It is safe for concurrent use, also by several processes: each event is
// appended by one write.
//
// A file is created with mode 0600 and is only appended to. Its folder must exist. The file is not
// rotated; if another program renames or removes it, the next event goes to a new file under the
// name. A file on a network file system is for one machine at a time.
type Log struct {
	// Target is the absolute path of a file, [Syslog] or [Journal]. "syslog:PATH" and
	// "journal:PATH" name another socket.
	Target string
	// Required makes logins fail that cannot be recorded: a token whose event was not written is
	// dropped. Otherwise the first failure in a row is logged as a warning, because a full disk
	// would otherwise end all work with Taegis.
	Required bool
	// Logger logs warnings; nil means [slog.Default].
	Logger *slog.Logger

	mu     sync.Mutex
	out    output // nil until the first event, and after a failure
	failed bool   // the latest event was not written
}

// output is an open target.
type output interface {
	io.Closer
	// append writes one record. isFailure chooses the severity.
	append(record []byte, isFailure bool) error
}

// ObserveLogin writes an event; see [ports.LoginObserver]. If the log is required and cannot be
// written, it returns a [*core.FileError].
func (l *Log) ObserveLogin(_ context.Context, event core.LoginEvent) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.write(line(event), event.Err != nil)
	first := !l.failed
	l.failed = err != nil
	switch {
	case err == nil:
		return nil
	case l.Required:
		return l.fault(err)
	case first:
		cmp.Or(l.Logger, slog.Default()).Warn("the audit log cannot be written; logins go on without it", "error", l.fault(err))
	}
	return nil
}

// write appends a record. It opens the target again if that fails, because a socket's server may
// have been started again.
func (l *Log) write(record []byte, isFailure bool) error {
	fresh := l.out == nil
	for {
		if l.out == nil {
			out, err := open(l.Target)
			if err != nil {
				return err
			}
			l.out = out
		}
		err := l.out.append(record, isFailure)
		if err == nil {
			return nil
		}
		if _, isFile := l.out.(*file); fresh || isFile {
			return err
		}
		_ = l.out.Close() // it is broken
		l.out, fresh = nil, true
	}
}

// AuditTarget returns the target, by which a client finds out that TAEGIS_AUDIT_LOG is not ignored.
func (l *Log) AuditTarget() string { return l.Target }

// Close closes the target. A later event opens it again.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.out == nil {
		return nil
	}
	out := l.out
	l.out = nil
	return out.Close()
}

func (l *Log) fault(err error) error {
	if already, ok := errors.AsType[*core.FileError](err); ok {
		return already
	}
	return &core.FileError{
		Path: l.Target, Reason: "the audit log cannot be written: " + reasonOf(err),
		HintText: "correct the file or its folder, or name another target with " + Variable, Err: err,
	}
}

// open opens a target.
func open(target string) (output, error) {
	kind, socket, _ := strings.Cut(target, ":")
	switch {
	case filepath.IsAbs(target):
		return openFile(target)
	case kind == Syslog:
		return openSyslog(socket)
	case kind == Journal:
		return openJournal(socket)
	}
	return nil, Check(target)
}

// Check returns a [*core.FileError] if target is none of a [Log].
func Check(target string) error {
	kind, socket, named := strings.Cut(target, ":")
	isSocket := (kind == Syslog || kind == Journal) && (!named || filepath.IsAbs(socket))
	if isSocket || filepath.IsAbs(target) {
		return nil
	}
	return &core.FileError{Path: target, Reason: "it is no target of an audit log", HintText: "use the absolute path of a file, " + Syslog + " or " + Journal}
}
