//go:build unix && !darwin

package keyring

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/godbus/dbus/v5"
)

// busSession is one conversation with the Secret Service. The first error ends it: what is called
// after that does nothing.
type busSession struct {
	ctx     context.Context //nolint:containedctx // it ends with the answer that is waited for
	whole   context.Context //nolint:containedctx // the caller's
	service *secretService
	conn    *dbus.Conn
	session secretSession
	// collection is the unlocked collection that stores the user's secrets.
	collection dbus.ObjectPath
	err        error
}

// open begins a session and unlocks the default collection.
func (v *busSession) open() {
	v.openSession()
	v.call(secretsPath, serviceInterface+".ReadAlias", "default").store(&v.collection)
	if v.err == nil && v.collection == noObject {
		v.collection = loginPath // some daemons have it without the alias
	}
	var locked bool
	if v.err == nil {
		property, err := v.property(v.collection, collectionIface, "Locked")
		switch {
		case err == nil:
		case v.ctx.Err() != nil:
			v.err = err
		default:
			v.err = trouble(ErrAbsent, SecretService, "it has no default collection", "log in to the desktop, or run `gnome-keyring-daemon --unlock`, which makes one", err)
		}
		locked, _ = property.Value().(bool)
	}
	if locked {
		v.unlock()
	}
}

// unlock asks for the collection to be unlocked, which may ask a user.
func (v *busSession) unlock() {
	var unlocked []dbus.ObjectPath
	var prompt dbus.ObjectPath
	v.call(secretsPath, serviceInterface+".Unlock", []dbus.ObjectPath{v.collection}).store(&unlocked, &prompt)
	if v.err == nil && prompt == noObject && len(unlocked) == 0 {
		v.err = trouble(ErrLocked, SecretService, "it is locked", "unlock it, then try again", nil)
	}
	v.prompt(prompt)
}

// prompt shows a prompt and waits for its end within the unlock limit. Afterwards the answer limit
// starts again.
func (v *busSession) prompt(path dbus.ObjectPath) {
	if v.err != nil || path == noObject || path == "" {
		return
	}
	if v.service.noInput {
		v.err = trouble(ErrLocked, SecretService, "it is locked, and prompting is disabled", "unlock it, then try again", nil)
		return
	}
	signals := make(chan *dbus.Signal, 16)
	v.conn.Signal(signals)
	defer v.conn.RemoveSignal(signals)
	if err := v.conn.AddMatchSignalContext(v.ctx, dbus.WithMatchObjectPath(path), dbus.WithMatchInterface(promptInterface)); err != nil {
		v.err = err
		return
	}
	v.call(path, promptInterface+".Prompt", "").store()
	if v.err == nil {
		v.err = v.completed(path, signals)
		v.extendTimeout()
	}
}

// completed waits for the end of a prompt, or dismisses it.
func (v *busSession) completed(path dbus.ObjectPath, signals <-chan *dbus.Signal) error {
	waiting, cancel := context.WithTimeoutCause(v.whole, v.service.unlock, errNoAnswer)
	defer cancel()
	for {
		select {
		case signal, ok := <-signals:
			if !ok {
				return dbus.ErrClosed
			}
			if signal.Path != path || len(signal.Body) == 0 {
				continue
			}
			if dismissed, _ := signal.Body[0].(bool); dismissed {
				return trouble(ErrDenied, SecretService, "it was not unlocked: the prompt was dismissed, or could not be shown", "unlock it, then try again", nil)
			}
			return nil
		case <-waiting.Done():
			v.conn.Object(secretsName, path).Go(promptInterface+".Dismiss", dbus.FlagNoReplyExpected, nil)
			return trouble(ErrLocked, SecretService, fmt.Sprintf("it was not unlocked within %v", v.service.unlock), "unlock it, then try again", errNoAnswer)
		}
	}
}

// extendTimeout gives the service as much time as it had in the beginning.
func (v *busSession) extendTimeout() {
	ctx, cancel := context.WithTimeoutCause(v.whole, v.service.answer, errNoAnswer)
	context.AfterFunc(ctx, cancel)
	v.ctx = ctx
}

// search returns the items that have the attributes.
func (v *busSession) search(attributes map[string]string) (items []dbus.ObjectPath) {
	v.call(v.collection, collectionIface+".SearchItems", attributes).store(&items)
	return items
}

func (v *busSession) property(path dbus.ObjectPath, of, name string) (value dbus.Variant, err error) {
	err = v.conn.Object(secretsName, path).
		CallWithContext(v.ctx, "org.freedesktop.DBus.Properties.Get", 0, of, name).Store(&value)
	return value, err
}

// reply is what a call has brought.
type reply struct {
	session *busSession
	call    *dbus.Call
}

func (v *busSession) call(path dbus.ObjectPath, method string, args ...any) reply {
	if v.err != nil {
		return reply{session: v}
	}
	return reply{v, v.conn.Object(secretsName, path).CallWithContext(v.ctx, method, 0, args...)}
}

func (r reply) store(values ...any) {
	if r.session.err == nil {
		r.session.err = r.call.Store(values...)
	}
}

// trouble converts the session's error: one of a context, of the bus, or of the service.
func (v *busSession) trouble() error {
	var told dbus.Error
	switch {
	case v.err == nil:
		return nil
	case v.whole.Err() != nil:
		return context.Cause(v.whole)
	case isTrouble(v.err):
		return v.err
	case v.ctx.Err() != nil:
		return trouble(ErrLocked, SecretService, fmt.Sprintf("it has not answered within %v", v.service.answer), "see whether its daemon hangs", errNoAnswer)
	case errors.Is(v.err, errSession):
		return trouble(ErrDenied, SecretService, v.err.Error(), "see whether `secret-tool store` works", v.err)
	case !errors.As(v.err, &told):
		return trouble(ErrAbsent, SecretService, "the D-Bus session bus cannot be reached", "run it in a desktop session or under dbus-run-session", v.err)
	case told.Name == errorIsLocked:
		return trouble(ErrLocked, SecretService, "it is locked", "unlock it, then try again", v.err)
	case told.Name == errorNoSuchObject, told.Name != errorAccessDenied && strings.HasPrefix(told.Name, "org.freedesktop.DBus.Error."):
		return trouble(ErrAbsent, SecretService, "no program on the session bus provides it", "start one, for example gnome-keyring-daemon or KeePassXC", v.err)
	}
	return trouble(ErrDenied, SecretService, told.Error(), "see whether `secret-tool store` works", v.err)
}
