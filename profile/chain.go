package profile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/ports"
)

// authenticators returns the authenticators of a profile's chain, in order.
func (f *File) authenticators(profile string, c Overrides) ([]ports.Authenticator, error) {
	chain := f.Profiles[profile].Chain
	if chain == nil {
		chain = Chain{{Name: "client-credentials"}, {Name: "interactive"}}
	}
	var authenticators []ports.Authenticator
	for _, method := range chain {
		authenticator, err := f.authenticator(method.Name, profile, c)
		if err != nil {
			return nil, err
		}
		if method.ContinueOnError {
			authenticator = &continuing{authenticator}
		}
		authenticators = append(authenticators, authenticator)
	}
	return authenticators, nil
}

// authenticator returns the authenticator of a method, configured by the profile.
func (f *File) authenticator(name, profile string, c Overrides) (ports.Authenticator, error) {
	p := f.Profiles[profile]
	switch name {
	case "client-credentials":
		client := &authn.ClientCredentials{ID: p.ClientID}
		if p.ClientSecretVariable != "" {
			return &indirectSecret{client, p.ClientSecretVariable, f.Origin("profiles."+profile+".client-secret-variable") + ": client-secret-variable"}, nil
		}
		return client, nil
	case "interactive":
		return &authn.Interactive{Username: p.Username}, nil
	case "sso":
		return &authn.DeviceCode{Username: p.Username}, nil
	case "password":
		return &authn.Password{Username: p.Username}, nil
	}
	if name, ok := strings.CutPrefix(name, "exec:"); ok {
		process := f.Processes[name]
		return &authn.CredentialProcess{
			Label: name, Command: process.Command, Env: process.Env, Timeout: time.Duration(process.Timeout),
		}, nil
	}
	name = strings.TrimPrefix(name, "plugin:")
	plugin, err := newLivePlugin(f, name, c.Logger, func(f *File) (*plugins.Plugin, error) { return f.newPlugin(p, name, c.Logger, c.LookupEnv) })
	if fault, ok := errors.AsType[*unexpandable](err); ok {
		return &faulty{"plugin:" + name, fault.err}, nil
	}
	if err != nil {
		return nil, err
	}
	return plugin, nil
}

// NewPlugin returns the authenticator of an installed plugin, without starting the plugin's
// process. The plugin's output goes to logger, at debug level. An invalid value of the plugin's
// table, or a variable in its settings that is not set, returns a [*core.FileError].
func (f *File) NewPlugin(name string, logger *slog.Logger) (*plugins.Plugin, error) {
	return f.NewPluginFor(Profile{}, name, logger)
}

// NewPluginFor is [File.NewPlugin] for the user of a profile.
func (f *File) NewPluginFor(user Profile, name string, logger *slog.Logger) (*plugins.Plugin, error) {
	plugin, err := f.newPlugin(user, name, logger, os.LookupEnv)
	if fault, ok := errors.AsType[*unexpandable](err); ok {
		return nil, fault.err
	}
	return plugin, err
}

// newPlugin is NewPluginFor. Its error for a setting that cannot be expanded is an [*unexpandable].
func (f *File) newPlugin(user Profile, name string, logger *slog.Logger, lookup func(string) (string, bool)) (*plugins.Plugin, error) {
	config, err := f.PluginConfig(name)
	if err != nil {
		return nil, err
	}
	if config.Settings, err = f.expanded(name, lookup); err != nil {
		return nil, &unexpandable{err}
	}
	config.Username, config.Logger = user.Username, logger
	plugin, err := plugins.New(config)
	if wrong, ok := errors.AsType[*plugins.ConfigError](err); ok {
		return nil, f.fault("plugins."+name, wrong.Error(), "correct it, or install the plugin again")
	}
	return plugin, err
}

// PluginConfig returns the configuration of an installed plugin, without its Logger. An invalid
// value of the plugin's table returns a [*core.FileError].
func (f *File) PluginConfig(name string) (plugins.Config, error) {
	p := f.Plugins[name].clone()
	since, err := parseTime(p.SignedSince)
	if err != nil {
		return plugins.Config{}, f.fault("plugins."+name+".signed-since", err.Error(), "write a date, for example 2026-01-31")
	}
	return plugins.Config{
		Name: name, Path: p.Path, Entry: p.Entry, SHA256: p.SHA256, Keys: p.Keys, SignedSince: since, Deny: p.Deny,
		Settings: p.Settings, Env: p.Env, Prompts: p.Prompts, Revokes: p.Revokes,
		Timeout: time.Duration(p.Timeout), InteractionTimeout: time.Duration(p.InteractionTimeout),
		IdleTimeout: time.Duration(p.IdleTimeout),
	}, nil
}

// parseTime reads a date or a time by RFC 3339; an empty text is the zero time.
func parseTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is neither a date nor a time by RFC 3339", text)
}

// indirectSecret reads an OAuth client's secret from the variable that its profile names. It never
// falls back to the variable of the platform, which belongs to another client.
type indirectSecret struct {
	*authn.ClientCredentials
	variable, namedBy string
}

// Account returns the client's account.
func (l *indirectSecret) Account(ctx context.Context, req core.LoginRequest) (core.Account, error) {
	return l.ClientCredentials.Account(ctx, l.renamed(req))
}

// Authenticate logs in.
func (l *indirectSecret) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	return l.ClientCredentials.Authenticate(ctx, l.renamed(req))
}

// renamed looks the secret up in the profile's variable. The profile's client is not used on
// another platform than that of the profile's environment.
func (l *indirectSecret) renamed(req core.LoginRequest) core.LoginRequest {
	if req.OtherPlatform() {
		return req
	}
	original := req
	_, secret := req.Environment.Platform.ClientSettings()
	req.Lookup = func(name string) (core.Setting, bool) {
		if name != secret {
			return original.Setting(name)
		}
		setting, ok := original.Setting(l.variable)
		setting.NamedBy = l.namedBy
		return setting, ok
	}
	return req
}

// continuing lets the chain continue after an error of its authenticator, except if the user
// cancels, the context ends, or a program is not trusted.
type continuing struct{ ports.Authenticator }

// Account returns the account of the authenticator.
func (l *continuing) Account(ctx context.Context, req core.LoginRequest) (core.Account, error) {
	account, err := l.Authenticator.Account(ctx, req)
	return account, asUnavailable(ctx, err)
}

// Authenticate logs in.
func (l *continuing) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	token, err := l.Authenticator.Authenticate(ctx, req)
	return token, asUnavailable(ctx, err)
}

// asUnavailable wraps an error in a [*core.UnavailableError], so that the chain continues.
func asUnavailable(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil || errors.Is(err, core.ErrUnavailable) || errors.Is(err, core.ErrCancelled) ||
		errors.Is(err, core.ErrUntrusted) {
		return err
	}
	hint := core.Hint(err)
	return &core.UnavailableError{Reason: strings.TrimSuffix(err.Error(), ": "+hint), HintText: hint, Err: err}
}

// ResolveAccount returns the account that the authenticator names; see [ports.AccountResolver].
func (l *continuing) ResolveAccount(ctx context.Context, req core.LoginRequest) (core.Account, error) {
	resolver, ok := l.Authenticator.(ports.AccountResolver)
	if !ok {
		return l.Account(ctx, req)
	}
	account, err := resolver.ResolveAccount(ctx, req)
	return account, asUnavailable(ctx, err)
}

// Revoke tells the authenticator of a dropped token if it is a [ports.Revoker].
func (l *continuing) Revoke(ctx context.Context, req core.LoginRequest, token core.Token) error {
	if revoker, ok := l.Authenticator.(ports.Revoker); ok {
		return revoker.Revoke(ctx, req, token)
	}
	return nil
}

// Name returns the name of the authenticator.
func (l *continuing) Name() string {
	if named, ok := l.Authenticator.(ports.Named); ok {
		return named.Name()
	}
	return ""
}

// Program returns the program of the authenticator if it is a [ports.ProgramReporter].
func (l *continuing) Program() core.Program {
	if reporter, ok := l.Authenticator.(ports.ProgramReporter); ok {
		return reporter.Program()
	}
	return core.Program{}
}

// Close closes the authenticator if it is an [io.Closer].
func (l *continuing) Close() error {
	if closer, ok := l.Authenticator.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}
