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
	"github.com/taegis-go/taegis/internal/setting"
)

// Version is the version of the file's format.
const Version = 1

// PathVariable names the file in place of [DefaultPath].
const PathVariable = "TAEGIS_PROFILES_FILE"

// File is the configuration file. Its zero value is one that says nothing.
type File struct {
	// Path is where the file is, or would be.
	Path string `toml:"-"`
	// Version is that of the format; a file that has none is of [Version].
	Version int `toml:"version"`
	// Current names the profile that is used where nothing else names one.
	Current      string                       `toml:"profile"`
	Profiles     map[string]Profile           `toml:"profiles"`
	Environments map[string]EnvironmentConfig `toml:"environments"`
	Plugins      map[string]PluginConfig      `toml:"plugins"`
	Programs     map[string]ProcessConfig     `toml:"programs"`

	quoted []string // the keys whose values were in quotes within those of TOML
}

// Profile is one way to use Taegis. A field that is empty leaves the choice to what comes after
// the profile.
type Profile struct {
	// Environment is one of Taegis, by name or alias, or one of the file's own.
	Environment   string `toml:"environment"`
	UniversalAuth bool   `toml:"universal-auth"`
	Tenant        string `toml:"tenant"`
	// Username is that of the user who logs in. It keeps accounts apart.
	Username string `toml:"username"`
	// ClientID is the id of an OAuth client, and ClientSecretVariable the name of the variable
	// that holds its secret. A secret itself has no place in the file.
	ClientID             string `toml:"client-id"`
	ClientSecretVariable string `toml:"client-secret-variable"`
	// TokenStore is where tokens rest, see [Backends]; empty means the shared file.
	TokenStore string `toml:"token-store"`
	// Chain are the links of the chain, in order. Nil means the chain that the SDK has by itself.
	Chain Chain `toml:"chain"`
}

// EnvironmentConfig is an environment of the user's own.
type EnvironmentConfig struct {
	// API is its base URL, also for logging in and for the tenants host where these are empty.
	API     string `toml:"api"`
	Auth    string `toml:"auth"`
	Tenants string `toml:"tenants"`
}

// PluginConfig is an installed plugin; see plugins.Config for the meaning of the fields.
type PluginConfig struct {
	Path               string            `toml:"path"`
	SHA256             string            `toml:"sha256"`
	Settings           map[string]string `toml:"settings"`
	Env                []string          `toml:"variables"`
	Timeout            Duration          `toml:"work-time"`
	InteractionTimeout Duration          `toml:"person-time"`
}

// ProcessConfig is one that prints a token or client credentials; see authn.CredentialProcess for the meaning of the
// fields.
type ProcessConfig struct {
	// Command is the program and its arguments. There is no shell.
	Command []string `toml:"command"`
	Env     []string `toml:"variables"`
	Timeout Duration `toml:"time"`
}

// Duration is written as text, such as "30s".
type Duration time.Duration

// UnmarshalText reads a positive duration.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err == nil && parsed <= 0 {
		err = errors.New("it must be more than nothing")
	}
	if err != nil {
		return fmt.Errorf("%q is no time such as 30s or 2m", text)
	}
	*d = Duration(parsed)
	return nil
}

// DefaultPath returns where the file is: the variable TAEGIS_PROFILES_FILE, else
// $XDG_CONFIG_HOME/taegis/config.toml or ~/.config/taegis/config.toml, on macOS
// ~/Library/Application Support/taegis/config.toml, on Windows %AppData%\taegis\config.toml. The
// error is a [*core.SettingError] if the variable holds no path, and a [*core.FileError] if the user
// has no home.
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

// pipeTime bounds how long [Open] and [Load] wait for the writer of a pipe.
const pipeTime = 10 * time.Second

// Open is [OpenContext] with a limit of ten seconds, which only a pipe in place of the file needs.
func Open() (*File, error) {
	ctx, cancel := context.WithTimeout(context.Background(), pipeTime)
	defer cancel()
	return OpenContext(ctx)
}

// OpenContext reads the file at [DefaultPath]. Without the variable TAEGIS_PROFILES_FILE that file
// need not exist: then, and if there is no home, the File is empty. If a file that the variable names
// does not exist, an empty File comes beside a [*core.FileError] that wraps [fs.ErrNotExist].
func OpenContext(ctx context.Context) (*File, error) {
	path, err := DefaultPath()
	if _, ok := errors.AsType[*core.SettingError](err); ok {
		return nil, err
	}
	if err != nil {
		return &File{Version: Version}, nil //nolint:nilerr // a user without a home has no profiles
	}
	_, absent := os.Stat(path)
	if setting.Text(os.Getenv(PathVariable)) == "" || !errors.Is(noFile(absent), fs.ErrNotExist) {
		return LoadContext(ctx, path)
	}
	return &File{Path: path, Version: Version}, &core.FileError{
		Path: path, Reason: "there is no such file, but " + PathVariable + " names it",
		HintText: "correct or unset " + PathVariable + ", or create the file with `taegis profile init`", Err: noFile(absent),
	}
}

// Load is [LoadContext] with a limit of ten seconds, which only a pipe in place of the file needs.
func Load(path string) (*File, error) {
	ctx, cancel := context.WithTimeout(context.Background(), pipeTime)
	defer cancel()
	return LoadContext(ctx, path)
}

// LoadContext reads the file at path, which need not exist. What is wrong with it gives a
// [*core.FileError] with the line, or the path of the key. Where the file can be read but says
// what cannot be used, such as a link that there is not, it comes beside the error, for programs
// that set that right.
//
// The file names programs to run. So it is refused if users other than its own and the
// administrator can write it, put another one into its folder, or have made a symbolic link on the
// way to it. Others may read it. It may be a pipe, for example one of the shell's, under the same
// conditions; that is read until its end, and waited for until ctx ends.
func LoadContext(ctx context.Context, path string) (*File, error) {
	text, err := read(ctx, path)
	if errors.Is(err, fs.ErrNotExist) {
		return &File{Path: path, Version: Version}, nil
	}
	if err != nil {
		return nil, err
	}
	return parse(path, text)
}

// noFile returns err, as one that wraps [fs.ErrNotExist] if the path goes through a file that is no
// folder: nothing can exist below it.
func noFile(err error) error {
	if errors.Is(err, syscall.ENOTDIR) {
		return fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	return err
}

// byteOrderMark begins files that some editors on Windows write.
const byteOrderMark = "\ufeff"

// read returns the text of a file that others cannot have written.
func read(ctx context.Context, path string) ([]byte, error) {
	text, err := fileperm.ReadTrusted(ctx, path)
	text, err = bytes.TrimPrefix(text, []byte(byteOrderMark)), noFile(err)
	switch {
	case err == nil, errors.Is(err, fs.ErrNotExist), errors.Is(err, fileperm.ErrUnsafe):
		return text, err
	case ctx.Err() != nil:
		return nil, &core.FileError{Path: path, Reason: "nothing was written to it in time", HintText: "write the profiles to that pipe, or name a file", Err: context.Cause(ctx)}
	}
	return nil, unreadable(path, err)
}

// unreadable says who denies access to the file, and what to do about it.
func unreadable(path string, err error) *core.FileError {
	f := &core.FileError{Path: path, Reason: "it cannot be read", HintText: "name another file in " + PathVariable, Err: err}
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

// parse returns the file beside an error of [File.check].
func parse(path string, text []byte) (*File, error) {
	f, err := decode(path, text)
	if err != nil {
		return nil, err
	}
	f.clean()
	return f, f.check()
}

func decode(path string, text []byte) (*File, error) {
	if line := slices.IndexFunc(bytes.Split(text, []byte("\n")), func(line []byte) bool { return !utf8.Valid(line) }); line >= 0 {
		return nil, &core.FileError{Path: path, Line: line + 1, Reason: "it is not encoded in UTF-8", HintText: "save it as UTF-8"}
	}
	f := &File{Path: path, Version: Version}
	d := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().EnableUnmarshalerInterface()
	if err := d.Decode(f); err != nil {
		return nil, syntaxFault(path, err)
	}
	if f.Version != Version {
		return nil, f.fault("version", fmt.Sprintf("version %d of the format is not known", f.Version), "use a newer version of the SDK, or one that wrote this file")
	}
	return f, nil
}

// syntaxFault tells what the decoder found, with the line.
func syntaxFault(path string, err error) error {
	fault := &core.FileError{Path: path, Reason: strings.TrimPrefix(err.Error(), "toml: "), HintText: "correct it"}
	if missing, ok := errors.AsType[*toml.StrictMissingError](err); ok {
		first := missing.Errors[0]
		fault.Line, _ = first.Position()
		key := first.Key()
		fault.Reason = fmt.Sprintf("there is no key %q", strings.Join(key, "."))
		fault.HintText = "use one of " + strings.Join(keysBeside(key), ", ")
		if near := nearest(key[len(key)-1], keysBeside(key)); near != "" {
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

// fault is about the value of a key.
func (f *File) fault(key, reason, hint string) error {
	return &core.FileError{Path: f.Path, Reason: key + ": " + reason, HintText: hint}
}
