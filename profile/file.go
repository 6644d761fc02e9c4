package profile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/envvar"
	"github.com/taegis-go/taegis/internal/fileperm"
	"github.com/taegis-go/taegis/internal/homedir"
)

// Version is the version of the file's format.
const Version = 1

// PathVariable is the environment variable that replaces the default path of the profile file.
const PathVariable = "TAEGIS_PROFILES_FILE"

// File is the content of the profile file. Its zero value is an empty file.
type File struct {
	// Path is the file's path, also if the file does not exist yet.
	Path string `toml:"-"`
	// System is the path of the system's profile file, over which this one was read; empty if there
	// is none. See [File.Origin].
	System string `toml:"-"`
	// Version is the version of the format; it defaults to [Version].
	Version int `toml:"version"`
	// Current is the profile that is active if neither a flag nor TAEGIS_PROFILE names one.
	Current      string                       `toml:"profile"`
	Profiles     map[string]Profile           `toml:"profiles"`
	Environments map[string]EnvironmentConfig `toml:"environments"`
	Plugins      map[string]PluginConfig      `toml:"plugins"`
	Processes    map[string]ProcessConfig     `toml:"exec"`
	// Accounts are the profiles that call for tenants with credentials of their own, by the ids of the
	// tenants; see [File.ResolveAccount].
	Accounts map[string]string `toml:"accounts"`
	// Audit is the audit log of all profiles: of the user's file, else of the system's. If both have one,
	// both are written.
	Audit AuditConfig `toml:"audit"`
	// Tenants are named selections of tenants.
	Tenants map[string]TenantsConfig `toml:"tenants"`

	quoted  []string          // keys with a value that had quotes inside the TOML string
	own     *File             // what the user's file has; nil without a file of the system
	origins map[string]string // the path of the file that each key comes from, if there are two
	ignored string            // the path of a file that the policy does not allow

	administered AuditConfig // the audit log of the system's file, which the user's cannot take away
}

// Profile is a set of settings for clients. If a field is empty, the setting comes from the next
// source; see the package comment.
type Profile struct {
	// Environment is the name or alias of a Taegis environment, or the name of a custom one.
	Environment string `toml:"environment"`
	// UniversalAuth has the meaning of [taegis.WithUniversalAuth].
	UniversalAuth bool   `toml:"universal-auth"`
	Tenant        string `toml:"tenant"`
	// Username is the name of the user that logs in. The tokens of different users are stored
	// separately.
	Username string `toml:"username"`
	// ClientID is the id of an OAuth client. ClientSecretVariable is the name of the environment
	// variable that holds the client's secret; the file never holds the secret itself.
	ClientID             string `toml:"client-id"`
	ClientSecretVariable string `toml:"client-secret-variable"`
	// TokenStore is one of [Backends]; empty means [DefaultBackend].
	TokenStore string `toml:"token-store"`
	// Chain is the chain; nil means the default chain of the SDK.
	Chain Chain `toml:"chain"`
}

// EnvironmentConfig defines a custom environment in the file.
type EnvironmentConfig struct {
	// Platform is "taegis" or "fusion"; empty means "taegis".
	Platform string `toml:"platform"`
	// API is the base URL for calls. Auth is the base URL for logins and Tenants that of the
	// tenants host, on fusion of the identity service; both default to API.
	API     string `toml:"api"`
	Auth    string `toml:"auth"`
	Tenants string `toml:"tenants"`
}

// PluginConfig is an installed plugin; see [plugins.Config] for the meaning of the fields.
type PluginConfig struct {
	Path string `toml:"path"`
	// SHA256 are the checksums of the programs that may run, the preferred one first. The file may
	// hold one as a string.
	SHA256 Strings `toml:"sha256"`
	// Keys are public keys of minisign, in the file key; SignedSince is a date or a time by RFC 3339.
	Keys        Strings `toml:"key"`
	SignedSince string  `toml:"signed-since"`
	Deny        Strings `toml:"deny"`
	Entry       string  `toml:"entry"`
	// Version and Vendor are what the program said of itself when it was installed. They are shown
	// and decide nothing.
	Version            string            `toml:"version"`
	Vendor             string            `toml:"vendor"`
	Settings           map[string]string `toml:"settings"`
	Env                []string          `toml:"env"`
	Prompts            bool              `toml:"prompts"`
	Revokes            bool              `toml:"revokes"`
	Timeout            Duration          `toml:"timeout"`
	InteractionTimeout Duration          `toml:"interaction-timeout"`
	IdleTimeout        Duration          `toml:"idle-timeout"`
}

// ProcessConfig is a credential process, a program that prints a token or client credentials; see
// [authn.CredentialProcess] for the meaning of the fields.
type ProcessConfig struct {
	// Command is the program and its arguments. It runs without a shell.
	Command []string `toml:"command"`
	Env     []string `toml:"env"`
	Timeout Duration `toml:"timeout"`
}

// Duration is a [time.Duration] that the file holds as a string, for example "30s".
type Duration time.Duration

// UnmarshalText reads a positive duration.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err == nil && parsed <= 0 {
		err = errors.New("not positive")
	}
	if err != nil {
		return fmt.Errorf("%q is not a duration, for example 30s or 2m", text)
	}
	*d = Duration(parsed)
	return nil
}

// DefaultPath returns the path of the profile file: the variable TAEGIS_PROFILES_FILE, else
// $XDG_CONFIG_HOME/taegis/config.toml or ~/.config/taegis/config.toml, on macOS
// ~/Library/Application Support/taegis/config.toml, on Windows %AppData%\taegis\config.toml. If the
// variable is not a valid path, DefaultPath returns a [*core.SettingError]. If the user has no home
// folder, it returns a [*core.FileError].
func DefaultPath() (string, error) {
	if path, err := (envvar.Variables{Lookup: os.LookupEnv}).Path(PathVariable); path != "" || err != nil {
		return path, err
	}
	dir, err := homedir.Config()
	if err != nil {
		return "", &core.FileError{Path: "config.toml", Reason: "there is no folder for configuration", HintText: "set HOME, or name the file in " + PathVariable, Err: err}
	}
	return filepath.Join(dir, "taegis", "config.toml"), nil
}

// noFile returns err. If an element of the path is not a folder, the result wraps [fs.ErrNotExist],
// because no file can exist below that element.
func noFile(err error) error {
	if errors.Is(err, syscall.ENOTDIR) {
		return fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	return err
}

// byteOrderMark is the first character of files that some editors on Windows write.
const byteOrderMark = "\ufeff"

// read returns the text of a file that only trusted users can have written.
func read(ctx context.Context, path string) ([]byte, error) {
	text, err := fileperm.ReadTrusted(ctx, path)
	text, err = bytes.TrimPrefix(text, []byte(byteOrderMark)), noFile(err)
	switch {
	case err == nil, errors.Is(err, fs.ErrNotExist), errors.Is(err, fileperm.ErrUnsafe):
		return text, err
	case ctx.Err() != nil:
		return nil, &core.FileError{Path: path, Reason: "no data arrived in time", HintText: "write the profiles to that pipe, or name a file", Err: context.Cause(ctx)}
	}
	return nil, unreadable(path, err)
}

// unreadable returns the error for a file that the system does not let the process read.
func unreadable(path string, err error) *core.FileError {
	f := &core.FileError{Path: path, Reason: "cannot be read", HintText: "name another file in " + PathVariable, Err: err}
	if cause, ok := errors.AsType[syscall.Errno](err); ok {
		f.Reason += ": " + cause.Error()
	}
	if errors.Is(err, fs.ErrPermission) {
		var hint string
		if f.Reason, hint = fileperm.Denied(path); hint != "" {
			f.HintText = hint + ", or " + f.HintText
		}
	}
	return f
}

// parse decodes, cleans and checks the file. It returns the File also if File.check returns an
// error.
func parse(path string, text []byte) (*File, error) {
	f, err := decode(path, text)
	if err != nil {
		return nil, err
	}
	f.clean()
	return f, f.checkAll(text)
}

// parseLayered is parse for the user's file, over that of the system.
func parseLayered(path string, text []byte) (*File, error) {
	f, err := decode(path, text)
	if err != nil {
		return nil, err
	}
	f.clean()
	if f, err = f.layered(text); err != nil {
		return nil, err
	}
	return f, f.checkAll(text)
}

func decode(path string, text []byte) (*File, error) {
	if line := slices.IndexFunc(bytes.Split(text, []byte("\n")), func(line []byte) bool { return !utf8.Valid(line) }); line >= 0 {
		return nil, &core.FileError{Path: path, Line: line + 1, Reason: "not encoded in UTF-8", HintText: "save it as UTF-8"}
	}
	f := &File{Path: path, Version: Version}
	d := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().EnableUnmarshalerInterface()
	if err := d.Decode(f); err != nil {
		return nil, syntaxFault(path, err)
	}
	if f.Version != Version {
		return nil, f.fault("version", fmt.Sprintf("version %d of the format is not supported", f.Version), "update the SDK to the version that wrote this file")
	}
	return f, nil
}

// syntaxFault returns the error for a fault that the decoder found, with its line.
func syntaxFault(path string, err error) error {
	fault := &core.FileError{Path: path, Reason: strings.TrimPrefix(err.Error(), "toml: "), HintText: "correct it"}
	if missing, ok := errors.AsType[*toml.StrictMissingError](err); ok {
		first := missing.Errors[0]
		fault.Line, _ = first.Position()
		key := first.Key()
		fault.Reason = fmt.Sprintf("unknown key %q", strings.Join(key, "."))
		fault.HintText = "use one of " + strings.Join(siblingKeys(key), ", ")
		if near := nearest(key[len(key)-1], siblingKeys(key)); near != "" {
			fault.HintText = "did you mean " + near + "?"
		}
	} else if wrong, ok := errors.AsType[*toml.DecodeError](err); ok {
		fault.Line, _ = wrong.Position()
		if key := wrong.Key(); len(key) > 0 {
			fault.Reason = strings.Join(key, ".") + ": " + fault.Reason
		}
	}
	return fault
}

// fault returns the error for an invalid value of a key.
func (f *File) fault(key, reason, hint string) error {
	return &core.FileError{Path: f.Origin(key), Reason: key + ": " + reason, HintText: hint}
}
