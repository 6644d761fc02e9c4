package profile

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/ports"
)

// authenticators returns the chain of a profile.
func (f *File) authenticators(p Profile, logger *slog.Logger) ([]ports.Authenticator, error) {
	chain := p.Chain
	if chain == nil {
		chain = Chain{{Name: "client-credentials"}, {Name: "user"}}
	}
	var authenticators []ports.Authenticator
	for _, l := range chain {
		method, err := f.authenticator(l.Name, p, logger)
		if err != nil {
			return nil, err
		}
		if l.ContinueOnError {
			method = &forgiving{method}
		}
		authenticators = append(authenticators, method)
	}
	return authenticators, nil
}

// authenticator returns one link of a chain by its name, as the profile has it.
func (f *File) authenticator(name string, p Profile, logger *slog.Logger) (ports.Authenticator, error) {
	switch name {
	case "client-credentials":
		client := &authn.ClientCredentials{ID: p.ClientID}
		if p.ClientSecretVariable != "" {
			return &indirectSecret{client, p.ClientSecretVariable, f.Path + ": client-secret-variable"}, nil
		}
		return client, nil
	case "user":
		return &authn.Interactive{Username: p.Username}, nil
	case "sso":
		return &authn.DeviceCode{Username: p.Username}, nil
	case "password":
		return &authn.Password{Username: p.Username}, nil
	}
	if name, ok := strings.CutPrefix(name, "exec:"); ok {
		program := f.Programs[name]
		return &authn.CredentialProcess{Label: name, Command: program.Command, Env: program.Env, Timeout: time.Duration(program.Timeout)}, nil
	}
	plugin, err := f.OpenPlugin(strings.TrimPrefix(name, "plugin:"), logger)
	if err != nil {
		return nil, err
	}
	return plugin, nil
}

// OpenPlugin returns an installed plugin, which is not started. What it prints goes to logger, at
// debug level. Where the file says of it what cannot be used, that is a [*core.FileError].
func (f *File) OpenPlugin(name string, logger *slog.Logger) (*plugins.Plugin, error) {
	p := f.Plugins[name]
	plugin, err := plugins.New(plugins.Config{
		Name: name, Path: p.Path, SHA256: p.SHA256, Settings: p.Settings, Env: p.Env,
		Timeout: time.Duration(p.Timeout), InteractionTimeout: time.Duration(p.InteractionTimeout), Logger: logger,
	})
	if wrong, ok := errors.AsType[*plugins.ConfigError](err); ok {
		return nil, f.fault("plugins."+name, wrong.Error(), "correct it, or install the plugin anew with `taegis plugin install`")
	}
	return plugin, err
}

// indirectSecret is an OAuth client whose secret is in a variable that its profile names. Where that is not set
// there is none: CLIENT_SECRET is another client's.
type indirectSecret struct {
	*authn.ClientCredentials
	variable, namedBy string
}

// Account names the client.
func (l *indirectSecret) Account(ctx context.Context, req core.LoginRequest) (core.Account, error) {
	return l.ClientCredentials.Account(ctx, l.renamed(req))
}

// Authenticate logs in.
func (l *indirectSecret) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	return l.ClientCredentials.Authenticate(ctx, l.renamed(req))
}

// renamed finds the secret where the profile says.
func (l *indirectSecret) renamed(req core.LoginRequest) core.LoginRequest {
	asked := req
	req.Lookup = func(name string) (core.Setting, bool) {
		if name != core.SettingClientSecret {
			return asked.Setting(name)
		}
		setting, ok := asked.Setting(l.variable)
		setting.NamedBy = l.namedBy
		return setting, ok
	}
	return req
}

// forgiving is a link whose failure lets the next one try. A user who gives up ends the chain
// all the same.
type forgiving struct{ ports.Authenticator }

// Account names the credential of the link.
func (l *forgiving) Account(ctx context.Context, req core.LoginRequest) (core.Account, error) {
	account, err := l.Authenticator.Account(ctx, req)
	return account, forgive(ctx, err)
}

// Authenticate logs in.
func (l *forgiving) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	token, err := l.Authenticator.Authenticate(ctx, req)
	return token, forgive(ctx, err)
}

// forgive turns a failure into a reason to ask the next link.
func forgive(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil || errors.Is(err, core.ErrUnavailable) || errors.Is(err, core.ErrCancelled) {
		return err
	}
	return &core.UnavailableError{Reason: err.Error(), HintText: core.Hint(err), Err: err}
}

// Name is the link's name.
func (l *forgiving) Name() string {
	if named, ok := l.Authenticator.(ports.Named); ok {
		return named.Name()
	}
	return ""
}

// Close closes the link where it can be closed.
func (l *forgiving) Close() error {
	if closer, ok := l.Authenticator.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}
