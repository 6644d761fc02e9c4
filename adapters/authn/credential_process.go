package authn

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/setting"
	"github.com/taegis-go/taegis/internal/subprocess"
)

// DefaultProcessTimeout bounds the program of an [CredentialProcess] that sets no limit.
const DefaultProcessTimeout = 30 * time.Second

// CredentialProcess logs in with what a program prints to its stdout, as one JSON object:
//
//	{"access_token": "eyJ…", "expires_at": "2026-01-02T15:04:05Z"}
//	{"client_id": "…", "client_secret": "…"}
//
// The first is used as it is; expires_at may be left out, other members are ignored. The second
// is exchanged for a token as [ClientCredentials] does. The program has no stdin and no terminal,
// so it cannot ask anybody; for that there is package plugins. What it prints shows in no error.
type CredentialProcess struct {
	// Label makes the link "exec:NAME"; empty means the program's own.
	Label string
	// Command is the program with its arguments, each as it is: no shell reads them. A program
	// without a path is looked for in PATH. Arguments are no place for secrets, since every
	// process of the machine can read them.
	Command []string
	// Env names the settings that the program sees as its variables. It sees no others: a script
	// may need PATH, and what reads files of the user's HOME.
	Env []string
	// Timeout bounds the program and what it starts; zero means [DefaultProcessTimeout].
	Timeout time.Duration
	// AuthStyle is the form in which client credentials are sent; empty means [AuthStyleBasicForm].
	AuthStyle AuthStyle
}

// Name returns "exec:NAME", or "exec:PROGRAM" without the program's folder.
func (e *CredentialProcess) Name() string {
	switch {
	case e.Label != "":
		return nameProcess + ":" + e.Label
	case len(e.Command) == 0:
		return nameProcess
	}
	name := strings.TrimSuffix(filepath.Base(e.Command[0]), ".exe")
	return nameProcess + ":" + strings.Join(strings.Fields(name), "-")
}

// Account names the program with its arguments and the values of the variables that it sees, as
// a digest, without running it. Left out are variables that describe a session and its machine, for
// example PATH, LANG and DISPLAY. It returns a [*core.UnavailableError] if Argv is empty.
func (e *CredentialProcess) Account(_ context.Context, req core.LoginRequest) (core.Account, error) {
	if len(e.Command) == 0 || e.Command[0] == "" {
		return "", &core.UnavailableError{Reason: "no program is set", HintText: "set one with its arguments"}
	}
	name := strings.Replace(e.Name(), ":", "/", 1)
	parts := slices.Clone(e.Command)
	if identifying := subprocess.Identifying(e.env(req)); len(identifying) > 0 {
		parts = append(parts, "", core.Digest(identifying...))
	}
	return core.Account(name + "/" + core.Digest(parts...)), nil
}

// env is the whole environment of the program: the variables that it may see.
func (e *CredentialProcess) env(req core.LoginRequest) []string {
	return subprocess.Granted(e.Env, func(name string) (string, bool) {
		s, ok := req.Setting(name)
		return s.Value.Reveal(), ok
	})
}

// Authenticate runs the program and uses what it prints. Its errors are those of Credential, of
// the exchange by [ClientCredentials.Authenticate], and a [*core.LoginError] where the program
// cannot be run, fails, takes too long (wrapping [context.DeadlineExceeded]) or prints something
// else.
func (e *CredentialProcess) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	account, err := e.Account(ctx, req)
	if err != nil {
		return core.Token{}, err
	}
	printed, err := e.run(ctx, req)
	if err != nil {
		return core.Token{}, err
	}
	t, err := e.use(ctx, req, printed)
	if err != nil {
		return core.Token{}, err
	}
	t.Account = account
	return t, nil
}

// printed is what the program printed.
type printed struct {
	AccessToken  string `json:"access_token"`
	ExpiresAt    string `json:"expires_at"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
}

// run runs the program and reads what it prints.
func (e *CredentialProcess) run(ctx context.Context, req core.LoginRequest) (p printed, err error) {
	limit := cmp.Or(e.Timeout, DefaultProcessTimeout)
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var out bounded
	cmd := subprocess.Command(limited, e.Command, e.env(req))
	cmd.Stdout = &out
	err = cmd.Run()
	byHand := "run it by hand to see what it prints"
	switch {
	case ctx.Err() != nil:
		return p, &core.LoginError{Authenticator: e.Name(), Reason: "given up: " + context.Cause(ctx).Error(), Err: context.Cause(ctx)}
	case limited.Err() != nil:
		return p, e.failure(fmt.Sprintf("the program did not end within %v", limit), byHand, context.DeadlineExceeded)
	case out.full:
		return p, e.failure("the program printed more than 1 MiB", byHand, nil)
	case errors.Is(err, exec.ErrWaitDelay): // something that it has started goes on
	case err != nil:
		return p, e.failure("the program failed: "+err.Error(), byHand, err)
	}
	if json.Unmarshal(out.text, &p) != nil { // its error would show what was printed
		return p, e.failure(fmt.Sprintf("the program printed %d bytes that are no JSON object of strings", len(out.text)), byHand, nil)
	}
	return p, nil
}

// use makes a token of what was printed.
func (e *CredentialProcess) use(ctx context.Context, req core.LoginRequest, p printed) (core.Token, error) {
	const form = "print access_token, or client_id and client_secret"
	var expiry time.Time
	if p.ExpiresAt != "" {
		var err error
		if expiry, err = time.Parse(time.RFC3339, p.ExpiresAt); err != nil {
			return core.Token{}, e.failure("the program printed an expires_at that is no date", "print it in the form of RFC 3339", nil)
		}
	}
	access, _ := setting.Token(p.AccessToken)
	id, secret := setting.Text(p.ClientID), setting.Text(p.ClientSecret)
	switch {
	case access != "" && (id != "" || secret != ""):
		return core.Token{}, e.failure("the program printed both a token and a client", form, nil)
	case access != "" && !setting.Sendable(access):
		return core.Token{}, e.failure("the program printed a token that no header can hold", form, nil)
	case access != "" && req.HomeEnvironment != "": // a program does not hear for which one it is asked
		return core.Token{}, notFor(req, e.Name())
	case access != "":
		t := core.NewToken(access, req.Time(), expiry)
		t.Host, t.Origin = req.Environment.AuthHost(), e.Name()
		return t, nil
	case id == "" || secret == "":
		return core.Token{}, e.failure("the program printed neither a token nor a whole client", form, nil)
	case !e.AuthStyle.valid():
		return core.Token{}, e.AuthStyle.unknown(e.Name())
	}
	return loginWire{req, e.Name()}.exchange(ctx, client{id: half{value: id}, secret: half{value: secret}}, e.AuthStyle)
}

func (e *CredentialProcess) failure(reason, hint string, err error) error {
	return &core.LoginError{Authenticator: e.Name(), Reason: reason, HintText: hint, Err: err}
}

// bounded keeps what is written to it, up to the size of an answer.
type bounded struct {
	text []byte
	full bool
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.full = b.full || len(b.text)+len(p) > maxAnswer; b.full {
		return 0, io.ErrShortWrite // the program gets a broken pipe
	}
	b.text = append(b.text, p...)
	return len(p), nil
}
