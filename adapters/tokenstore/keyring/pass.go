package keyring

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/taegis-go/taegis/internal/homedir"
	"github.com/taegis-go/taegis/internal/subprocess"
	"github.com/taegis-go/taegis/internal/text"
)

// password is the password store of pass. The library's own client gives the program all of our
// environment, from which GnuPG's agent takes our secrets into its own and keeps them for days, and
// cannot end it.
type password struct {
	dir, group string
	limit      time.Duration
}

// newPass looks for the program and for a store that `pass init` has made.
func (s *Store) newPass() (KeyStore, error) {
	if _, err := exec.LookPath("pass"); err != nil {
		return nil, trouble(ErrAbsent, Pass, "the program pass is not installed", "install it and run `pass init`", err)
	}
	dir := os.Getenv("PASSWORD_STORE_DIR")
	if dir == "" {
		home, err := homedir.Dir()
		if err != nil {
			return nil, trouble(ErrAbsent, Pass, "the home directory is not known", "set HOME", err)
		}
		dir = filepath.Join(home, ".password-store")
	}
	if _, err := os.Stat(filepath.Join(dir, ".gpg-id")); err != nil {
		return nil, trouble(ErrAbsent, Pass, "there is no password store in "+dir, "run `pass init` with a key of GnuPG's", err)
	}
	return &password{dir: dir, group: "taegis-sdk/" + s.name(), limit: s.unlockTimeout()}, nil
}

// Get returns a key; see [KeyStore].
func (p *password) Get(ctx context.Context, name string) ([]byte, error) {
	if !p.has(name) {
		return nil, trouble(ErrNoKey, Pass, "it does not have the key", "log in again", nil)
	}
	shown, err := p.run(ctx, "", "show", "--", p.entry(name))
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(shown))
	if err != nil {
		return nil, trouble(ErrNoKey, Pass, "what it holds as "+p.entry(name)+" is not a key", "log in again", nil)
	}
	return key, nil
}

// Set keeps a key; see [KeyStore].
func (p *password) Set(ctx context.Context, name string, key []byte) error {
	_, err := p.run(ctx, base64.StdEncoding.EncodeToString(key)+"\n", "insert", "--multiline", "--force", "--", p.entry(name))
	return err
}

// Remove takes a key away; see [KeyDeleter].
func (p *password) Remove(ctx context.Context, name string) error {
	if !p.has(name) {
		return nil
	}
	_, err := p.run(ctx, "", "rm", "--force", "--", p.entry(name))
	return err
}

func (p *password) entry(name string) string { return p.group + "/" + name }

func (p *password) has(name string) bool {
	_, err := os.Stat(filepath.Join(p.dir, filepath.FromSlash(p.entry(name))+".gpg"))
	return !errors.Is(err, fs.ErrNotExist)
}

// run runs pass, which may have GnuPG ask a user.
func (p *password) run(ctx context.Context, stdin string, args ...string) (string, error) {
	waiting, cancel := context.WithTimeoutCause(ctx, p.limit, errNoAnswer)
	defer cancel()
	cmd := subprocess.Command(waiting, append([]string{"pass"}, args...), subprocess.WithoutSecrets(os.Environ()))
	var out, said bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &said
	err := cmd.Run()
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay): // GnuPG may leave its agent behind
		return out.String(), nil
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case waiting.Err() != nil:
		return "", trouble(ErrLocked, Pass, "it has not answered within "+p.limit.String(), "unlock it, then try again", errNoAnswer)
	}
	// The standard error is about an entry and never contains its content.
	reason := text.OneLine("the program failed: " + err.Error() + ": " + said.String())
	return "", trouble(ErrDenied, Pass, reason, "run `pass ls`, and check whether GnuPG can use its key", err)
}
