package cmdutil

import (
	"errors"
	"io/fs"
	"os"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/internal/text"
)

// JoinErrors joins two errors. If more is nil it returns err itself.
func JoinErrors(err, more error) error {
	if more == nil {
		return err
	}
	return errors.Join(err, more)
}

// Reason returns the message of an authenticator's error without its hint. It returns "" for nil and
// for an error that gives no reason for being unavailable.
func Reason(err error) string {
	if e, ok := errors.AsType[*core.PolicyError](err); ok {
		return redact.Message(e.What())
	}
	if e, ok := errors.AsType[*core.UnavailableError](err); ok {
		return redact.Message(e.Reason)
	}
	if e, ok := errors.AsType[*core.LoginError](err); ok {
		return redact.Message(e.Reason)
	}
	if err == nil || errors.Is(err, core.ErrUnavailable) {
		return ""
	}
	return redact.Message(err.Error())
}

// Problem returns the message of an error without its hint.
func Problem(err error) string {
	_, login := errors.AsType[*core.LoginError](err)
	if file, ok := errors.AsType[*core.FileError](err); ok && !login {
		return redact.Message(text.Escape(file.Path) + ": " + file.Reason)
	}
	return Reason(err)
}

// Cause returns the operating system's error without the path. It returns other errors unchanged.
func Cause(err error) error {
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
