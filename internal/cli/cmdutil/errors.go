package cmdutil

import (
	"errors"
	"io/fs"

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

// Reason returns what an error of an authenticator says without its hint, "" if it says
// only that the authenticator is unavailable.
func Reason(err error) string {
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

// Problem returns what an error says without its hint.
func Problem(err error) string {
	_, login := errors.AsType[*core.LoginError](err)
	if file, ok := errors.AsType[*core.FileError](err); ok && !login {
		return redact.Message(text.Escape(file.Path) + ": " + file.Reason)
	}
	return Reason(err)
}

// Cause returns the error of the operating system without the path.
func Cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
