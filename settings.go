package taegis

import (
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"sync"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/envvar"
	"github.com/taegis-go/taegis/internal/setting"
)

// readSettings cleans the values of options, and reads the variables of those that are not set.
func (c *config) readSettings() error {
	variables := envvar.Variables{Lookup: c.lookupEnv, OnQuoted: func(name string) { setting.WarnOfQuotes(c.logger, name) }}
	if err := c.rejectProfile(variables); err != nil {
		return err
	}
	for _, s := range []struct {
		field            *string
		option, variable string
		isPath           bool
	}{
		{&c.environment, "WithEnvironment", "TAEGIS_ENVIRONMENT", false},
		{&c.baseURL, "WithBaseURL", "TAEGIS_API_URL", false},
		{&c.tenant, "WithTenant", "TAEGIS_TENANT_ID", false},
		{&c.configFile, "WithConfigFile", "TAEGIS_CONFIG_FILE", true},
		{&c.caBundle, "WithCABundle", "TAEGIS_CA_BUNDLE", true},
	} {
		if err := c.readSetting(variables, s.field, s.option, s.variable, s.isPath); err != nil {
			return err
		}
	}
	if reason := setting.TenantFault(c.tenant); reason != "" {
		return &core.ArgumentError{Operation: "New", Argument: "tenant", Reason: reason}
	}
	if c.noInput == "" {
		c.noInput = envvar.NoInput(c.lookupEnv)
	}
	if err := c.checkAuditLog(variables); err != nil {
		return err
	}
	return c.chooseStore(variables)
}

// readSetting cleans one setting in its field if an option has set it, or else sets it from the
// variable. Only "~/" is expanded. A path from an option may contain any character.
func (c *config) readSetting(variables envvar.Variables, field *string, option, variable string, isPath bool) (err error) {
	given, quoted := setting.Clean(*field)
	if quoted {
		setting.WarnOfQuotes(c.logger, option)
	}
	said := c.said[field]
	switch {
	case !said && isPath:
		*field, err = variables.Path(variable)
	case !said:
		*field = variables.Text(variable)
	case isPath:
		*field, err = envvar.Home(option, given)
	default:
		*field = given
	}
	return err
}

// Variables that package profile supports, and New only in part.
const (
	storeVariable   = "TAEGIS_TOKEN_STORE"
	profileVariable = "TAEGIS_PROFILE"
)

// byProfile is the hint for settings that only package profile supports.
const byProfile = `pass to New the options of profile.Options("")`

// rejectProfile returns an error if TAEGIS_PROFILE names a profile, which New does not read, unless
// the options choose all that a profile chooses.
func (c *config) rejectProfile(variables envvar.Variables) error {
	chosen := c.authenticators != nil && c.store != nil && c.said[&c.tenant] && c.said[&c.environment]
	if variables.Text(profileVariable) == "" || chosen {
		return nil
	}
	return unsupported(profileVariable, "it names a profile, and New does not read profiles", byProfile+", or unset it")
}

// chooseStore sets the token store that TAEGIS_TOKEN_STORE names if no option has set one. Stores
// that need a keyring are not linked into every program, so New returns an error for them: tokens
// must not be stored in plain text if the user wants them encrypted.
func (c *config) chooseStore(variables envvar.Variables) error {
	if c.store != nil {
		return nil
	}
	name := variables.Text(storeVariable)
	switch {
	case name == "", name == "file":
		return nil
	case name == "memory":
		c.store = &tokenstore.Memory{Now: c.now}
		return nil
	case slices.Contains([]string{"auto", "keyring", "encrypted-file"}, name):
		return unsupported(storeVariable, fmt.Sprintf("New alone does not provide the token store %q", name),
			byProfile+", or WithTokenStore(&keyring.Store{}), or set it to file or memory")
	}
	return unsupported(storeVariable, "it names no token store", "use one of auto, keyring, encrypted-file, file, memory")
}

// unsupported returns the error for a variable that New does not support as it is set.
func unsupported(variable, reason, hint string) error {
	return &core.SettingError{Setting: variable, Reason: reason, HintText: hint}
}

// settings looks up the settings of one environment in variables, under the names that the
// configuration file sets for it.
type settings struct {
	platform  core.Platform
	lookupEnv func(string) (string, bool)
	// renamed returns the variable's name that the configuration file has for a key, and its place
	// in the file.
	renamed func(key string) (variable, where string, ok bool)
	logger  *slog.Logger
	warned  sync.Map // variables with quotes that were logged
}

// lookup returns a setting by name; see [core.LoginRequest]. It cleans only the SDK's own settings,
// not for example those of a plugin.
func (s *settings) lookup(name string) (core.Setting, bool) {
	variable, found := name, core.Setting{Variable: name}
	key, of := clientKey(name)
	if key != "" && of != s.platform {
		return found, false // a client of one platform is never used on the other
	}
	if key != "" {
		if renamed, where, ok := s.renamed(key); ok {
			variable, found = renamed, core.Setting{Variable: presentable(renamed, where), NamedBy: where}
		}
	}
	value, ok := s.lookupEnv(variable)
	switch {
	case key != "":
		value = s.clean(setting.Clean, found.Variable, value)
	case name == core.SettingAccessToken:
		value = s.clean(setting.Token, found.Variable, value)
	}
	found.Value = core.NewSecret(value)
	return found, ok
}

// clientKey returns the key under which the configuration file names the variable of a client's
// setting, and the platform of that setting; "" for any other.
func clientKey(name string) (string, core.Platform) {
	for _, platform := range []core.Platform{core.PlatformTaegis, core.PlatformFusion} {
		switch id, secret := platform.ClientSettings(); name {
		case id:
			return "client_id", platform
		case secret:
			return "client_secret", platform
		}
	}
	return "", ""
}

// clean cleans a variable's value, and logs the first time that it was in quotes.
func (s *settings) clean(clean func(string) (string, bool), variable, value string) string {
	cleaned, quoted := clean(value)
	if quoted {
		if _, again := s.warned.LoadOrStore(variable, true); !again {
			setting.WarnOfQuotes(s.logger, variable)
		}
	}
	return cleaned
}

var conventional = regexp.MustCompile(`^[A-Z_][A-Z0-9_]*$`)

// presentable returns a variable's name for messages. A name of an unusual form is not shown: it
// may be a secret that was written into the file by mistake.
func presentable(variable, place string) string {
	if conventional.MatchString(variable) {
		return variable
	}
	return "the variable that " + place + " names"
}
