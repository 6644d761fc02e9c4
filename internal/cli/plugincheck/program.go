package plugincheck

import (
	"bufio"
	"cmp"
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/fileperm"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/profile"
)

// Program is the program that would be started for a plugin.
type Program struct {
	plugins.Program

	// Pinned and NotPinned describe what the checksum or the signature covers of what runs, and what it
	// does not; NotPinned is empty if it covers all.
	Pinned, NotPinned string
}

// Find returns the program that would be started for a plugin, without starting it. It returns an error
// if none may run, or if users other than its owner and the administrator can change it.
func Find(file *profile.File, name string) (Program, error) {
	config, err := file.PluginConfig(name)
	if err != nil {
		return Program{}, err
	}
	plugin, err := file.NewPlugin(name, nil) // for its error about an invalid value
	if err != nil {
		return Program{}, err
	}
	_ = plugin.Close() // it was not started
	found, err := plugins.FindProgram(config)
	if err != nil {
		return Program{}, cmp.Or(trusted(config.Path), notFound(name, config.Path, err))
	}
	if err := trusted(found.Path); err != nil {
		return Program{}, err
	}
	return describe(found, config.Entry), nil
}

// trusted returns an error for a program that other users can change. A missing one is none.
func trusted(path string) error {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() && !info.IsDir() {
		return nil //nolint:nilerr // FindProgram returns it
	}
	return fileperm.Trusted(path, info)
}

// describe says what is pinned of a program.
func describe(found plugins.Program, entry string) Program {
	p := Program{Program: found, Pinned: "the program"}
	start := filepath.Join(found.Path, filepath.FromSlash(entry))
	if entry != "" {
		p.Pinned = "all files of the folder, with their names and modes"
	}
	if interpreter := interpreterOf(start); interpreter != "" {
		if entry == "" {
			p.Pinned = "the script"
		}
		p.NotPinned = "its interpreter " + interpreter + ", and what that loads from elsewhere"
		return p
	}
	if libraries := librariesOf(start); len(libraries) > 0 {
		p.NotPinned = "the libraries that it loads: " + strings.Join(libraries, ", ")
	}
	return p
}

// String returns what is pinned as a sentence.
func (p Program) String() string {
	text := "Pinned: " + p.Pinned
	if p.Signature.Key != "" {
		text += fmt.Sprintf(", signed by %s (%s)", p.Signature.Key, p.Signature.Comment)
	}
	if p.NotPinned == "" {
		return text + "."
	}
	return text + ". Not pinned: " + p.NotPinned + "."
}

// Check returns what was compared: "checksum" or "signature".
func (p Program) Check() string {
	if p.Signature.Key != "" {
		return "signature"
	}
	return "checksum"
}

// interpreterOf returns the interpreter of a script with its arguments, "" if it is no script.
func interpreterOf(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }()
	line, err := bufio.NewReaderSize(file, 4096).ReadSlice('\n')
	if err != nil && len(line) == 0 {
		return ""
	}
	interpreter, ok := strings.CutPrefix(string(line), "#!")
	if !ok {
		return ""
	}
	return strings.Join(strings.Fields(interpreter), " ")
}

// librariesOf returns the libraries that an ELF program loads at its start.
func librariesOf(path string) []string {
	file, err := elf.Open(path)
	if err != nil {
		return nil
	}
	defer func() { _ = file.Close() }()
	libraries, _ := file.ImportedLibraries() // a static program has none
	return libraries
}

// notFound returns the error of a plugin with no program that may run.
func notFound(name, path string, err error) error {
	if core.Hint(err) != "" || isUntrusted(err) {
		return err
	}
	return &core.FileError{Path: path, Reason: cmdutil.Cause(err).Error(), HintText: "taegis plugin install FILE --name " + name, Err: err}
}

// Signed returns the program or the folder at path if it has a signature by one of the keys.
func Signed(path string, keys []string) (Program, error) {
	found, err := plugins.VerifySignature(path, keys)
	if err != nil {
		return Program{}, err
	}
	entry := ""
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		entry = "."
	}
	return describe(found, entry), nil
}
