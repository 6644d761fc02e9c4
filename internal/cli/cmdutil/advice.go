package cmdutil

import (
	"cmp"
	"errors"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins"
)

// Advice returns the command that helps after err, or "". The hint of an error of the SDK names no
// command, because other programs show it too.
func (a *App) Advice(err error) string {
	if name := changedPlugin(err); name != "" {
		return "taegis plugin checksum " + name
	}
	if _, ok := errors.AsType[*core.TenantRequiredError](err); ok {
		return a.commandLine("taegis tenants list")
	}
	chain, ok := errors.AsType[*core.ChainError](err)
	if !ok || !NotLoggedIn(err) {
		return ""
	}
	if failed := chain.Failed(); failed != nil && failed.Authenticator == methodAccessToken {
		return UnsetLine(core.SettingAccessToken)
	}
	return a.LoginCommandLine()
}

// methodAccessToken is the name of the authenticator that uses TAEGIS_ACCESS_TOKEN.
const methodAccessToken = "access-token"

// Hint returns the command that helps after err, else the hint of err, else "".
func (a *App) Hint(err error) string { return cmp.Or(a.Advice(err), core.Hint(err)) }

// changedPlugin returns the name of the plugin if err means that the checksum of its program
// differs from the pinned one.
func changedPlugin(err error) string {
	if _, ok := errors.AsType[*plugins.ChecksumError](err); !ok {
		return ""
	}
	login, ok := errors.AsType[*core.LoginError](err)
	if !ok {
		return ""
	}
	name, _ := strings.CutPrefix(login.Authenticator, "plugin:")
	return name
}
