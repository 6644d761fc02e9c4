// Pass is a plugin that keeps client credentials in the password store of pass
// (https://www.passwordstore.org). The entry has the client secret as its first line, as pass has
// it for passwords, and a line with the client's id:
//
//	SECRET
//	client_id: ID
//
// The setting "entry" names it; without that it is taegis/ENVIRONMENT.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/setting"
	"github.com/taegis-go/taegis/internal/subprocess"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/ports"
)

func main() { plugins.Serve(&Store{}) }

// settingEntry names the entry of the password store.
const settingEntry = "entry"

// variables are what pass and gpg look at, with the passphrase dialogs of a desktop.
var variables = []string{
	"PATH", "HOME", "PASSWORD_STORE_DIR", "GNUPGHOME", "GPG_TTY",
	"DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS",
}

// Store logs in with a client of the password store.
type Store struct{}

var _ ports.Authenticator = (*Store)(nil)

// Requirements says what the plugin looks up.
func (*Store) Requirements() plugins.Requirements {
	return plugins.Requirements{Settings: []string{settingEntry}, Env: variables}
}

// Account returns no account: that is not known without opening the store.
func (*Store) Account(context.Context, core.LoginRequest) (core.Account, error) { return "", nil }

// Authenticate reads the client from the store and exchanges it for a token.
func (*Store) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	entry := "taegis/" + req.Environment.Name
	if s, ok := req.Setting(settingEntry); ok {
		entry = s.Value.Reveal()
	}
	text, err := show(ctx, entry)
	if err != nil {
		return core.Token{}, err
	}
	client, err := parse(entry, text)
	if err != nil {
		return core.Token{}, err
	}
	return client.Authenticate(ctx, req)
}

// show decrypts an entry. What pass says on stderr is about the entry, never from it.
func show(ctx context.Context, entry string) ([]byte, error) {
	var env []string
	for _, name := range variables {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	var out, said bytes.Buffer
	// The two dashes keep an entry from being taken for an option.
	cmd := subprocess.Command(ctx, []string{"pass", "show", "--", entry}, env)
	cmd.Stdout, cmd.Stderr = &out, &said
	err := cmd.Run()
	switch {
	case err == nil || errors.Is(err, exec.ErrWaitDelay): // gpg may leave its agent behind
		return out.Bytes(), nil
	case errors.Is(err, exec.ErrNotFound):
		return nil, &core.LoginError{Reason: "the program pass is not there", HintText: "install pass, and let the plugin see PATH", Err: err}
	}
	return nil, &core.LoginError{
		Reason:   fmt.Sprintf("pass does not show %s (%v): %s", entry, err, strings.TrimSpace(said.String())),
		HintText: "try `pass show " + entry + "`, and let the plugin see HOME and what else pass needs", Err: err,
	}
}

// parse reads the client from an entry.
func parse(entry string, text []byte) (*authn.ClientCredentials, error) {
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Scan()
	c := &authn.ClientCredentials{Secret: core.NewSecret(setting.Text(lines.Text()))}
	for lines.Scan() {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && setting.Text(key) == "client_id" {
			c.ID = setting.Text(value)
		}
	}
	if c.ID == "" || c.Secret.IsZero() {
		return nil, &core.LoginError{
			Reason: entry + " holds no client", HintText: "its first line has to be the secret, another one `client_id: ID`; run `pass edit " + entry + "`",
		}
	}
	return c, nil
}
