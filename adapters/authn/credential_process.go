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
	"github.com/taegis-go/taegis/internal/digest"
	"github.com/taegis-go/taegis/internal/setting"
	"github.com/taegis-go/taegis/internal/subprocess"
)

// DefaultProcessTimeout is the default of [CredentialProcess].Timeout.
const DefaultProcessTimeout = 30 * time.Second

// CredentialProcess logs in with the output of a program, one JSON object on stdout:
//
//	{"access_token": "eyJ…", "expires_at": "2026-01-02T15:04:05Z"}
//	{"client_id": "…", "client_secret": "…"}
//
// The first form is the access token; expires_at, in RFC 3339, is optional. The second form is
// exchanged for a token as [ClientCredentials] does. Other members are ignored. The program has
// neither stdin nor a terminal and cannot prompt the user; package plugins can. Errors never
// contain the output of the program.
type CredentialProcess struct {
	// Label is NAME in the authenticator's name "exec:NAME"; empty means the program's file name.
	Label string
	// Command is the program and its arguments. It runs without a shell. A program without a path
	// is searched in PATH. Do not pass secrets as arguments: every process of the machine can read
	// them.
	Command []string
	// Env names the settings that are passed as environment variables. The program receives no
	// other variables: a script may need PATH, and a program that reads the user's files needs
	// HOME.
	Env []string
	// Timeout limits the program and its child processes; zero means [DefaultProcessTimeout].
	Timeout time.Duration
	// AuthStyle is the encoding of client credentials; empty means [AuthStyleBasicForm].
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

// Account returns the account of the program, with a digest of Command and of the values of Env.
// The digest leaves out variables that describe a session and its machine, for example PATH, LANG
// and DISPLAY. Account does not run the program. If Command is empty, Account returns a
// [*core.UnavailableError].
func (e *CredentialProcess) Account(_ context.Context, req core.LoginRequest) (core.Account, error) {
	if len(e.Command) == 0 || e.Command[0] == "" {
		return "", &core.UnavailableError{Reason: "no command is set", HintText: "set the program and its arguments"}
	}
	name := strings.Replace(e.Name(), ":", "/", 1)
	parts := slices.Clone(e.Command)
	if identifying := subprocess.Identifying(e.env(req)); len(identifying) > 0 {
		parts = append(parts, "", digest.Of(identifying...))
	}
	return core.Account(name + "/" + digest.Of(parts...)), nil
}

// env returns the environment of the program.
func (e *CredentialProcess) env(req core.LoginRequest) []string {
	return subprocess.Granted(e.Env, func(name string) (string, bool) {
		s, ok := req.Setting(name)
		return s.Value.Reveal(), ok
	})
}

// Authenticate runs the program and uses its output. Its errors are those of Account and of
// [ClientCredentials.Authenticate], and a [*core.LoginError] if the program cannot start, fails or
// prints anything else. After Timeout, the LoginError wraps [context.DeadlineExceeded].
func (e *CredentialProcess) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	account, err := e.Account(ctx, req)
	if err != nil {
		return core.Token{}, err
	}
	out, err := e.run(ctx, req)
	if err != nil {
		return core.Token{}, err
	}
	t, err := e.use(ctx, req, out)
	if err != nil {
		return core.Token{}, err
	}
	t.Account = account
	return t, nil
}

// output is the output of the program.
type output struct {
	AccessToken  string `json:"access_token"`
	ExpiresAt    string `json:"expires_at"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
}

// run runs the program and decodes its output.
func (e *CredentialProcess) run(ctx context.Context, req core.LoginRequest) (p output, err error) {
	limit := cmp.Or(e.Timeout, DefaultProcessTimeout)
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var out bounded
	cmd := subprocess.Command(limited, e.Command, e.env(req))
	cmd.Stdout = &out
	err = cmd.Run()
	const hint = "run it in a shell and look at its output"
	switch {
	case ctx.Err() != nil:
		return p, &core.LoginError{Authenticator: e.Name(), Reason: "cancelled: " + context.Cause(ctx).Error(), Err: context.Cause(ctx)}
	case limited.Err() != nil:
		return p, e.failure(fmt.Sprintf("the program did not end within %v", limit), hint, context.DeadlineExceeded)
	case out.full:
		return p, e.failure("the program printed more than 1 MiB", hint, nil)
	case errors.Is(err, exec.ErrWaitDelay): // a child process is still running
	case err != nil:
		return p, e.failure("the program failed: "+err.Error(), hint, err)
	}
	if json.Unmarshal(out.text, &p) != nil { // its error would show the output
		return p, e.failure(fmt.Sprintf("the program printed %d bytes that are not a JSON object of strings", len(out.text)), hint, nil)
	}
	return p, nil
}

// use returns the token of the output, or exchanges its client credentials for one.
func (e *CredentialProcess) use(ctx context.Context, req core.LoginRequest, p output) (core.Token, error) {
	const form = "print access_token, or client_id and client_secret"
	var expiry time.Time
	if p.ExpiresAt != "" {
		var err error
		if expiry, err = time.Parse(time.RFC3339, p.ExpiresAt); err != nil {
			return core.Token{}, e.failure("the program printed an expires_at that is not a date", "print it in RFC 3339", nil)
		}
	}
	access, _ := setting.Token(p.AccessToken)
	id, secret := setting.Text(p.ClientID), setting.Text(p.ClientSecret)
	switch {
	case access != "" && (id != "" || secret != ""):
		return core.Token{}, e.failure("the program printed both a token and client credentials", form, nil)
	case access != "" && !setting.Sendable(access):
		return core.Token{}, e.failure("the program printed a token that no header can hold", form, nil)
	case access != "" && req.HomeEnvironment != "": // the program does not receive the environment
		return core.Token{}, notFor(req, e.Name())
	case access != "":
		if reason := req.Environment.Foreign(access); reason != "" {
			return core.Token{}, e.failure("the program's token is not used: "+reason, "print a token of this environment", nil)
		}
		t := core.NewToken(access, req.Time(), expiry)
		t.Host, t.Origin = req.Environment.AuthHost(), e.Name()
		return t, nil
	case id == "" || secret == "":
		return core.Token{}, e.failure("the program printed neither a token nor complete client credentials", form, nil)
	case req.OtherPlatform(): // as for a token
		return core.Token{}, notFor(req, e.Name())
	case !e.AuthStyle.valid():
		return core.Token{}, e.AuthStyle.unknown(e.Name())
	}
	return loginWire{req, e.Name()}.exchange(ctx, client{half{value: id}, half{value: secret}, req.Environment.Platform}, e.AuthStyle)
}

func (e *CredentialProcess) failure(reason, hint string, err error) error {
	return &core.LoginError{Authenticator: e.Name(), Reason: reason, HintText: hint, Err: err}
}

// bounded is a buffer of at most maxAnswer bytes.
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
