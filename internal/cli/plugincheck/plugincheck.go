// Package plugincheck checks installed plugins, for the commands plugin and doctor.
package plugincheck

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/profile"
)

// Names returns the names of the installed plugins in order.
func Names(file *profile.File) []string { return slices.Sorted(maps.Keys(file.Plugins)) }

// Requirements starts a plugin and returns the settings and variables that it requires.
func Requirements(ctx context.Context, file *profile.File, name string, logger *slog.Logger) (plugins.Requirements, error) {
	description, err := Describe(ctx, file, name, logger)
	return description.Requirements, err
}

// Describe starts a plugin and returns what it says of itself.
func Describe(ctx context.Context, file *profile.File, name string, logger *slog.Logger) (plugins.Description, error) {
	plugin, err := file.NewPlugin(name, logger)
	if err != nil {
		return plugins.Description{}, err
	}
	defer plugin.Close() //nolint:errcheck // it is not used any more
	return plugin.Describe(ctx, EnvironmentOnly)
}

// EnvironmentOnly is a request that looks up only environment variables. A plugin gets those that the
// profile file grants.
var EnvironmentOnly = core.LoginRequest{Lookup: func(name string) (core.Setting, bool) {
	value, ok := os.LookupEnv(name)
	return core.Setting{Value: core.NewSecret(value), Variable: name}, ok
}}

// isUntrusted reports whether err is about a program that may not run.
func isUntrusted(err error) bool { return errors.Is(err, core.ErrUntrusted) }

// Missing returns the requirements that are not granted or not set, as the end of a sentence. It returns
// "" if there are none.
func Missing(p profile.PluginConfig, requirements plugins.Requirements) string {
	var missing []string
	for _, key := range requirements.Settings {
		if _, ok := p.Settings[key]; !ok {
			missing = append(missing, "setting "+key)
		}
	}
	for _, name := range requirements.Env {
		if !slices.Contains(p.Env, name) || os.Getenv(name) == "" {
			missing = append(missing, "variable "+name)
		}
	}
	if len(missing) == 0 {
		return ""
	}
	return "; missing: " + strings.Join(missing, ", ")
}
