package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	clean "github.com/taegis-go/taegis/internal/setting"
	"github.com/taegis-go/taegis/profile"
)

// account is the result of the checks of the login.
type account struct {
	findings []finding
	token    core.Token // the token that the next call uses; zero if there is none
}

// account checks the token store, the variables, the chain and the token that the next call would
// use.
func (e *examination) account(ctx context.Context) account {
	err := errors.Join(e.profilesErr, e.environErr)
	if err == nil && e.chosen.Store == nil {
		err = e.sharedErr
	}
	if err != nil {
		none := skip("the configuration cannot be used")
		return account{findings: []finding{none.named("token-store"), none.named("variables"), none.named("credentials"), none.named("token")}}
	}
	store := timed(ctx, e.tokenStore)
	readable := store.Status == fine || store.Status == warning
	result, inTime := within(ctx, func(ctx context.Context) account { return e.logins(ctx, readable) })
	if !inTime {
		result = account{findings: []finding{failed("taegis auth explain", "the check did not end in time").named("credentials")}}
	}
	result.findings = append([]finding{store.named("token-store")}, result.findings...)
	return result
}

// logins checks what the chain would do. It ignores a store that cannot be read.
func (e *examination) logins(ctx context.Context, readable bool) account {
	store := e.store()
	if !readable {
		store = &tokenstore.Memory{}
	}
	client, err := e.open(ctx, taegis.WithTokenStore(store))
	if err != nil {
		return account{findings: []finding{wrong(err, "taegis auth explain").named("credentials")}}
	}
	defer client.Close()
	steps, err := client.Explain(ctx)
	if err != nil {
		return account{findings: []finding{wrong(err, "taegis auth explain").named("credentials")}}
	}
	token, found := e.token(ctx, steps, readable)
	return account{
		findings: []finding{emptyVariables(steps).named("variables"), e.accounts(steps).named("credentials"), found.named("token")},
		token:    token,
	}
}

// ownVariables are the variables that the SDK and the command line read.
var ownVariables = []string{
	core.SettingClientID, core.SettingClientSecret, core.SettingSophosClientID, core.SettingSophosClientSecret,
	core.SettingAccessToken,
	"TAEGIS_ENVIRONMENT", "TAEGIS_API_URL", "TAEGIS_TENANT_ID", "TAEGIS_CONFIG_FILE", "TAEGIS_CA_BUNDLE", "TAEGIS_NO_INPUT",
	profile.NameVariable, profile.PathVariable, profile.BackendVariable,
}

// emptyVariables warns of variables that are empty or in quotes, which is usually a mistake in a
// script.
func emptyVariables(steps []taegis.ChainStep) finding {
	names := slices.Clone(ownVariables)
	for _, step := range steps {
		for _, setting := range step.Settings {
			names = append(names, setting.Variable)
		}
	}
	var empty, set, inQuotes []string
	for _, name := range cmdutil.Distinct(names) {
		value, isSet := os.LookupEnv(name)
		cleaned, quoted := clean.Clean(value)
		switch {
		case isSet && cleaned == "":
			empty = append(empty, name)
		case isSet:
			set = append(set, name)
		}
		if quoted {
			inQuotes = append(inQuotes, name)
		}
	}
	switch {
	case len(inQuotes) > 0:
		return doubtful(cmdutil.ExportLine(inQuotes[0], "VALUE"), "%s %s in quotes, which are ignored", cmdutil.JoinNames(inQuotes), cmdutil.Plural(len(inQuotes), "is", "are"))
	case len(empty) > 0:
		return doubtful(cmdutil.UnsetLine(empty...), "%s %s set but empty, which counts as unset", cmdutil.JoinNames(empty), cmdutil.Plural(len(empty), "is", "are"))
	case len(set) == 0:
		return passed("none is set")
	}
	return passed("%s %s set", cmdutil.JoinNames(set), cmdutil.Plural(len(set), "is", "are"))
}

// accounts reports which authenticators of the chain could log in.
func (e *examination) accounts(steps []taegis.ChainStep) finding {
	var available, unavailable []string
	for _, step := range steps {
		switch {
		case step.Authenticator == "": // the stored token of any account
		case !step.Stored.IsZero(), step.Err == nil:
			available = append(available, step.Authenticator)
		default:
			unavailable = append(unavailable, fmt.Sprintf("%s (%s)", step.Authenticator, cmdutil.Reason(step.Err)))
		}
	}
	rest := ""
	if len(unavailable) > 0 {
		rest = "; unavailable: " + strings.Join(unavailable, ", ")
	}
	step, ended := cmdutil.EndOfChain(steps)
	switch {
	case ended && step.Stored.IsZero() && step.Err != nil:
		return failed(completion(step), "%s would fail: %s", step.Authenticator, cmdutil.Reason(step.Err))
	case !ended:
		id, secret := e.environment.Platform.ClientSettings()
		return failed(cmdutil.ExportLine(id, "ID")+"; "+cmdutil.ExportLine(secret, "SECRET"), "no authenticator is available%s", rest)
	}
	return passed("available: %s%s", strings.Join(available, ", "), rest)
}

// completion returns the command that sets the only variable that is missing, otherwise one that
// shows more.
func completion(step taegis.ChainStep) string {
	var missing []string
	for _, setting := range step.Settings {
		if !setting.Set && cmdutil.IsVariableName(setting.Variable) {
			missing = append(missing, setting.Variable)
		}
	}
	if len(missing) == 1 {
		return cmdutil.ExportLine(missing[0], "VALUE")
	}
	return "taegis auth explain"
}

// token returns the token that the next call would use, if there is one without logging in.
func (e *examination) token(ctx context.Context, steps []taegis.ChainStep, readable bool) (core.Token, finding) {
	step, ended := cmdutil.EndOfChain(steps)
	static := step.Authenticator == (&authn.StaticToken{}).Name()
	switch {
	case ended && !step.Stored.IsZero():
		return step.Stored, passed("%s, until %s, from %s", cmdutil.AccountName(step.Stored), cmdutil.FormatExpiry(step.Stored.Expiry, time.Now()), step.Stored.Origin)
	case ended && static:
		return e.givenToken(ctx)
	case !readable:
		return core.Token{}, skip("the token store was not read")
	case !ended || step.Err != nil:
		return core.Token{}, skip("there is none, and no authenticator is available")
	}
	none := "none is cached"
	if expired := e.app.ExpiredToken(ctx, e.environment); expired != "" {
		none = expired
	}
	if slices.Contains([]string{cmdutil.MethodInteractive, cmdutil.MethodSSO, cmdutil.MethodPassword}, step.Authenticator) {
		return core.Token{}, doubtful(e.app.LoginCommandLine(), "%s; a user has to log in with %s", none, step.Authenticator)
	}
	return core.Token{}, passed("%s; the next call logs in with %s", none, step.Authenticator)
}

// givenToken returns the token of TAEGIS_ACCESS_TOKEN.
func (e *examination) givenToken(ctx context.Context) (core.Token, finding) {
	client, err := e.openBare(ctx, &authn.StaticToken{})
	if err != nil {
		return core.Token{}, wrong(err, "taegis auth explain")
	}
	defer client.Close()
	token, err := client.Token(ctx)
	if err != nil {
		return core.Token{}, wrong(err, cmdutil.UnsetLine(core.SettingAccessToken))
	}
	return token, passed("%s, until %s, from %s", cmdutil.AccountName(token), cmdutil.FormatExpiry(token.Expiry, time.Now()), token.Origin)
}

// call makes one cheap call with the token, without retries, adaptation or a refresh.
func (e *examination) call(ctx context.Context, sites []site, token core.Token) finding {
	switch {
	case e.offline:
		return skip("--offline was given")
	case token.IsZero():
		return skip("there is no token")
	case len(sites) == 0 || sites[0].finding.Status == failure || sites[0].finding.Status == skipped:
		return skip("the API was not reached")
	}
	client, err := e.openBare(ctx, &authn.StaticToken{Token: token.AccessToken},
		taegis.WithTransport(&transport.HTTP{Client: e.http, Version: taegis.Version}))
	if err != nil {
		return wrong(err, "taegis auth status --verify")
	}
	defer client.Close()
	if e.environment.Platform == core.PlatformFusion {
		return e.callFusion(ctx, client, token)
	}
	began := time.Now()
	err = client.Execute(ctx, cmdutil.CurrentSubject(), nil)
	switch {
	case errors.Is(err, core.ErrUnauthorized):
		return failed(e.app.ReplaceCommandLine(token), "the server rejects the token of %s", cmdutil.AccountName(token))
	case err != nil:
		return wrong(err, "taegis api --verbose '{ currentSubject { id } }'")
	}
	return passed("currentSubject returned in %v", time.Since(began).Round(time.Millisecond))
}
