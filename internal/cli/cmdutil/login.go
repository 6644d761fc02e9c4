package cmdutil

import (
	"context"
	"fmt"
	"strings"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/shellquote"
)

// The methods of `taegis auth login --method` that need no configuration.
const (
	MethodClientCredentials = "client-credentials"
	MethodInteractive       = "interactive"
	MethodSSO               = "sso"
	MethodPassword          = "password"
)

// ExplainEnd returns the step that would end the client's chain. It returns false if no step would.
func ExplainEnd(ctx context.Context, client *taegis.Client) (taegis.ChainStep, bool, error) {
	steps, err := client.Explain(ctx)
	if err != nil {
		return taegis.ChainStep{}, false, err
	}
	step, ended := EndOfChain(steps)
	return step, ended, nil
}

// EndOfChain returns the step that would end the chain. It returns false if no step would.
func EndOfChain(steps []taegis.ChainStep) (taegis.ChainStep, bool) {
	for _, step := range steps {
		if step.Reached && step.EndsChain() {
			return step, true
		}
	}
	return taegis.ChainStep{}, false
}

// ExpiredToken describes an expired token of the environment in the configuration file. It returns
// "" if there is none, or if another token store is used.
func (a *App) ExpiredToken(ctx context.Context, env core.Environment) string {
	chosen, err := a.Resolve(ctx)
	if err != nil || chosen.Store != nil {
		return ""
	}
	shared, err := a.ConfigFile()
	if err != nil {
		return ""
	}
	file, err := shared.Snapshot(ctx)
	if err != nil {
		return ""
	}
	for _, section := range file.SectionsFor(env) {
		access, _ := file.Get(section, accessTokenKey)
		token := core.NewToken(access, time.Time{})
		if !token.IsZero() && !token.Expiry.IsZero() && !token.Valid(time.Now()) {
			return fmt.Sprintf("the token of %s in [%s] expired at %s", AccountName(token), section, FormatTime(token.Expiry))
		}
	}
	return ""
}

// LoginCommandLine returns the command that logs in with the global flags of this run.
func (a *App) LoginCommandLine() string { return a.commandLine("taegis auth login") }

// commandLine returns a command with the global flags of this run. Variables and the profile file
// are not repeated in it, because that command reads them too.
func (a *App) commandLine(command string) string {
	words := []string{command}
	for _, flag := range []struct{ name, value string }{
		{"profile", a.Global.Profile}, {"environment", a.Global.environment}, {"api-url", a.Global.apiURL}, {"token-store", a.Global.TokenStore},
	} {
		if flag.value != "" {
			words = append(words, "--"+flag.name, shellquote.Word(flag.value))
		}
	}
	if a.Global.universalAuth {
		words = append(words, "--universal-auth")
	}
	return strings.Join(words, " ")
}

// ReplaceCommandLine returns the command that makes calls use another token than this one.
func (a *App) ReplaceCommandLine(token core.Token) string {
	if token.Origin == core.SettingAccessToken {
		return UnsetLine(core.SettingAccessToken)
	}
	return a.LoginCommandLine()
}

// CurrentSubject returns a request that every account is allowed to send.
func CurrentSubject() *core.Request {
	const document = "query currentSubject { currentSubject { id } }"
	return &core.Request{Operation: &core.Operation{Name: "currentSubject", Kind: core.KindQuery}, Document: document}
}
