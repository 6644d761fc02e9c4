package keyring

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/atomicfile"
	"github.com/taegis-go/taegis/internal/digest"
	"github.com/taegis-go/taegis/internal/filelock"
	"github.com/taegis-go/taegis/internal/fileperm"
)

// sealedFile is an opened file.
type sealedFile struct {
	header
	*contents
	secret []byte // the key
}

// unseal reads and opens the sealed file. It takes no lock, because the file is replaced only as a
// whole. The error wraps [fs.ErrNotExist] if the file is missing, and [core.ErrNoToken] if it
// cannot be opened any more.
func (s *Store) unseal(ctx context.Context, p place) (*sealedFile, error) {
	data, err := p.read()
	if err != nil {
		return nil, err
	}
	h, line, sealed, err := split(data)
	if errors.Is(err, errVersion) {
		return nil, &core.FileError{Path: p.file, Reason: err.Error(), HintText: "update this program, or move the file away and log in again", Err: err}
	}
	if err != nil {
		return nil, lost(p.file, withCause(ErrDamaged, err), err.Error())
	}
	secret, err := s.key(ctx, h)
	if errors.Is(err, ErrNoKey) {
		if now, changed := p.read(); changed != nil || !bytes.Equal(now, data) {
			return s.unseal(ctx, p) // another process has removed or replaced it, with its key
		}
		return nil, lost(p.file, err, fmt.Sprintf("the keyring %s does not have its key any more", h.backend))
	}
	if err != nil {
		return nil, s.undecided(err)
	}
	plain, err := open(line, sealed, secret)
	var c *contents
	if err == nil {
		c, err = parseContents(plain)
	}
	if err != nil {
		return nil, lost(p.file, withCause(ErrDamaged, err), err.Error())
	}
	return &sealedFile{h, c, secret}, nil
}

// edit changes the contents and replaces the file, unless nothing changes. A file that cannot be
// opened any more is set aside. A nil change makes sure that the file exists.
func (s *Store) edit(ctx context.Context, p place, change func(*contents)) error {
	return s.change(ctx, p, change, false)
}

// change is edit. If it clears, a file without valid tokens is removed together with its key.
func (s *Store) change(ctx context.Context, p place, change func(*contents), clears bool) error {
	if err := p.make(); err != nil {
		return err
	}
	unlock, err := s.lockFile(ctx, p)
	if err != nil {
		return err
	}
	defer unlock()
	b, unread := s.unseal(ctx, p)
	isLost := errors.Is(unread, core.ErrNoToken)
	switch {
	case isLost, errors.Is(unread, fs.ErrNotExist):
		b = &sealedFile{contents: &contents{}}
	case unread != nil:
		return unread
	}
	before := b.bytes()
	if change != nil {
		change(b.contents)
	}
	if clears && b.secret != nil && b.isEmpty(s.now()) {
		return s.remove(ctx, p, b.header)
	}
	isChanged := change == nil || !bytes.Equal(before, b.bytes())
	if isChanged && b.secret == nil {
		// Make the new key before setting the old file aside: if there is none, the file stays.
		if b.header, b.secret, err = s.newKey(ctx); err != nil {
			return s.undecided(err)
		}
	}
	if isLost {
		aside, err := p.setAside(s.now())
		if err != nil {
			return err
		}
		s.logger().Warn("a file of tokens that cannot be opened was set aside", "file", aside, "error", unread)
	}
	if !isChanged {
		return nil
	}
	return b.replace(p)
}

// replace seals b and puts it in the place of the file.
func (b *sealedFile) replace(p place) error {
	data, err := seal(b.header, b.secret, b.bytes())
	if err != nil {
		return err
	}
	if err := atomicfile.File(disk, p.file, data, nil); err != nil {
		return p.fault(p.file, err)
	}
	return nil
}

var disk = afero.NewOsFs()

// lockFile takes the lock on the file, which is held while it is read and rewritten. If locks are
// impossible, it logs a warning and succeeds.
func (s *Store) lockFile(ctx context.Context, p place) (unlock func(), err error) {
	// The first holder may have to wait for the user to unlock the keyring.
	waiting, cancel := context.WithTimeoutCause(ctx, s.unlockTimeout()+writePatience, errBusy)
	defer cancel()
	if err := fileperm.File(p.lock()); err != nil {
		return s.locked(waiting, p, p.lock(), nil, err)
	}
	l, err := filelock.Wait(waiting, p.lock(), fileperm.FileMode)
	if errors.Is(err, errBusy) {
		return nil, &core.FileError{Path: p.file, Reason: err.Error(), Err: err, HintText: "end the program that holds " + p.lock() + ", then try again"}
	}
	return s.locked(waiting, p, p.lock(), l, err)
}

const writePatience = 10 * time.Second

var errBusy = errors.New("another program keeps it locked")

// lockLogin takes the lock for refreshing the token of key. If that takes a while, it logs a
// warning that names the process it waits for. The lock file is never removed.
func (s *Store) lockLogin(ctx context.Context, p place, key core.TokenKey) (unlock func(), err error) {
	name, err := fileperm.Place(p.logins(), digest.Of(canonical(key.Section), key.Host, string(key.Account))+".lock")
	if err != nil {
		return s.locked(ctx, p, name, nil, err)
	}
	l, err := filelock.WaitNoted(ctx, name, fileperm.FileMode, func(pid string) {
		s.logger().Warn("waiting for another program that is logging in; interrupt to give up",
			"pid", pid, "environment", key.Section, "account", string(key.Account))
	})
	return s.locked(ctx, p, name, l, err)
}

// locked converts the result of waiting for a lock into an unlock function. It logs no warning if
// the folder is not writable, because that failure is reported when the token is stored.
func (s *Store) locked(ctx context.Context, p place, name string, l *filelock.Lock, err error) (unlock func(), _ error) {
	switch {
	case err == nil:
		return func() { _ = l.Unlock() }, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case fileperm.Writable(p.dir) == nil:
		s.warn("no lock can be had, so programs that start together each log in", "error", p.fault(filepath.Dir(name), err))
	}
	return func() {}, nil
}
