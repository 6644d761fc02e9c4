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

// links returns the chain of a profile.
func (f *File) links(p Profile, logger *slog.Logger) ([]ports.Authenticator, error) {
	chain := p.Chain
	if chain == nil {
		chain = Chain{{Name: "client-credentials"}, {Name: "user"}}
	}
	var links []ports.Authenticator
	for _, l := range chain {
		link, err := f.link(l.Name, p, logger)
		if err != nil {
			return nil, err
		}
		if l.Next {
			link = &forgiving{link}
		}
		links = append(links, link)
	}
	return links, nil
}

// link returns one link of a chain by its name, as the profile has it.
func (f *File) link(name string, p Profile, logger *slog.Logger) (ports.Authenticator, error) {
	switch name {
	case "client-credentials":
		client := &authn.ClientCredentials{ID: p.ClientID}
		if p.ClientSecretVariable != "" {
			return &secretElsewhere{client, p.ClientSecretVariable, f.Path + ": client-secret-variable"}, nil
		}
		return client, nil
	case "user":
		return &authn.UserLogin{Username: p.Username}, nil
	case "sso":
		return &authn.DeviceCode{Username: p.Username}, nil
	case "password":
		return &authn.Password{Username: p.Username}, nil
	}
	if name, ok := strings.CutPrefix(name, "exec:"); ok {
		program := f.Programs[name]
		return &authn.Exec{Name: name, Argv: program.Command, Env: program.Variables, Timeout: time.Duration(program.Time)}, nil
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
	plugin, err := plugins.Open(plugins.Config{
		Name: name, Path: p.Path, SHA256: p.SHA256, Settings: p.Settings, Env: p.Variables,
		WorkTime: time.Duration(p.WorkTime), PersonTime: time.Duration(p.PersonTime), Logger: logger,
	})
	if wrong, ok := errors.AsType[*plugins.ConfigError](err); ok {
		return nil, f.fault("plugins."+name, wrong.Error(), "correct it, or install the plugin anew with `taegis plugin install`")
	}
	return plugin, err
}

// secretElsewhere is an OAuth client whose secret is in a variable that its profile names. Where that is not set
// there is none: CLIENT_SECRET is another client's.
type secretElsewhere struct {
	*authn.ClientCredentials
	variable, namedBy string
}

// Credential names the client.
func (l *secretElsewhere) Credential(ctx context.Context, req core.LoginRequest) (core.Credential, error) {
	return l.ClientCredentials.Credential(ctx, l.renamed(req))
}

// Authenticate signs in.
func (l *secretElsewhere) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	return l.ClientCredentials.Authenticate(ctx, l.renamed(req))
}

// renamed finds the secret where the profile says.
func (l *secretElsewhere) renamed(req core.LoginRequest) core.LoginRequest {
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

// forgiving is a link whose failure lets the next one try. A person who gives up ends the chain
// all the same.
type forgiving struct{ ports.Authenticator }

// Credential names the credential of the link.
func (l *forgiving) Credential(ctx context.Context, req core.LoginRequest) (core.Credential, error) {
	credential, err := l.Authenticator.Credential(ctx, req)
	return credential, forgive(ctx, err)
}

// Authenticate signs in.
func (l *forgiving) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	token, err := l.Authenticator.Authenticate(ctx, req)
	return token, forgive(ctx, err)
}

// forgive turns a failure into a reason to ask the next link.
func forgive(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil || errors.Is(err, core.ErrNotApplicable) || errors.Is(err, core.ErrCancelled) {
		return err
	}
	return &core.NotApplicableError{Reason: err.Error(), Remedy: core.Remedy(err), Err: err}
}

// Link is the link's name.
func (l *forgiving) Link() string {
	if named, ok := l.Authenticator.(ports.Named); ok {
		return named.Link()
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
