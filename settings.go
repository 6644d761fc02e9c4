package taegis

import (
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/envvar"
	"github.com/taegis-go/taegis/internal/setting"
)

// readSettings cleans what the options say, and reads the variables for what they leave open.
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
		c.noInput = core.PromptForbidden(c.lookupEnv)
	}
	return c.chooseStore(variables)
}

// readSetting cleans one setting in its field, which an option has filled, or else fills it from the
// variable. Variables expand nothing but "~/"; a path from code may hold any character.
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

// The variables that package profile reads, and New reads as far as it can.
const (
	storeVariable   = "TAEGIS_TOKEN_STORE"
	profileVariable = "TAEGIS_PROFILE"
)

// byProfile is how a program uses what New alone cannot provide.
const byProfile = `give New the options of profile.Options("")`

// rejectProfile returns an error if TAEGIS_PROFILE names a profile, which New does not read, unless
// the options choose all that a profile chooses.
func (c *config) rejectProfile(variables envvar.Variables) error {
	chosen := c.authenticators != nil && c.store != nil && c.said[&c.tenant] && c.said[&c.environment]
	if variables.Text(profileVariable) == "" || chosen {
		return nil
	}
	return &core.SettingError{
		Setting: profileVariable, Reason: "it names a profile, and New does not read profiles", HintText: byProfile + ", or unset it",
	}
}

// chooseStore chooses the token store that TAEGIS_TOKEN_STORE names if no option does. Those that
// need a keyring are not linked into every program, so New returns an error for them: a token must
// not end up in plain text if the user wants it sealed.
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
		return &core.SettingError{
			Setting: storeVariable, Reason: fmt.Sprintf("New alone does not provide the token store %q", name),
			HintText: byProfile + ", or WithTokenStore(&keyring.Store{}), or set it to file or memory",
		}
	}
	return &core.SettingError{
		Setting: storeVariable, Reason: "it names no token store", HintText: "use one of auto, keyring, encrypted-file, file, memory",
	}
}

// settings finds what is configured for one environment: the environment's variables, under
// the names that the configuration file gives them.
type settings struct {
	lookupEnv func(string) (string, bool)
	// renamed returns the variable's name that the configuration file has for a key, and where
	// it stands.
	renamed func(key string) (variable, where string, ok bool)
	logger  *slog.Logger
	warned  sync.Map // the variables whose quotes were logged
}

// lookup finds a setting by name; see [core.LoginRequest]. What is not the SDK's own, such as a
// plugin's, is returned as it is.
func (s *settings) lookup(name string) (core.Setting, bool) {
	variable, found := name, core.Setting{Variable: name}
	if name == core.SettingClientID || name == core.SettingClientSecret {
		if renamed, where, ok := s.renamed(strings.ToLower(name)); ok {
			variable, found = renamed, core.Setting{Variable: presentable(renamed, where), NamedBy: where}
		}
	}
	value, ok := s.lookupEnv(variable)
	switch name {
	case core.SettingClientID, core.SettingClientSecret:
		value = s.clean(setting.Clean, found.Variable, value)
	case core.SettingAccessToken:
		value = s.clean(setting.Token, found.Variable, value)
	}
	found.Value = core.NewSecret(value)
	return found, ok
}

// clean cleans a variable's value, and logs once if it was in quotes.
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

// presentable returns a variable's name for users to read. One that does not look like a name
// may be a secret that somebody has put into the file in its place, and is not shown.
func presentable(variable, where string) string {
	if conventional.MatchString(variable) {
		return variable
	}
	return "the variable that " + where + " names"
}
