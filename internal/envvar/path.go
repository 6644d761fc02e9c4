package envvar

import (
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"unicode"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/homedir"
	"github.com/taegis-go/taegis/internal/setting"
)

// Path cleans the path in a flag or variable and expands a leading "~/". Neither a shell nor this
// program expands anything else there, so any other "~" or "$", "%NAME%" on Windows, a file: URL
// and a control character return a [*core.SettingError] instead of a file of that name. An empty
// value stays empty.
func Path(name, value string) (string, error) {
	path := setting.Text(value)
	expanded, err := Home(name, path)
	if err != nil {
		return "", err
	}
	rest := path
	if expanded != path {
		rest = path[len("~/"):] // the home itself may hold what a setting may not
	}
	if reason, advice := pathFault(runtime.GOOS, rest); reason != "" {
		return "", &core.SettingError{Setting: name, Reason: reason, HintText: advice}
	}
	return expanded, nil
}

// Home cleans a path and expands a leading "~/". It takes everything else as it is, for paths that
// a program or a configuration file gives.
func Home(name, value string) (string, error) {
	path := setting.Text(value)
	rest, ok := strings.CutPrefix(path, "~/")
	if !ok && runtime.GOOS == "windows" {
		rest, ok = strings.CutPrefix(path, `~\`)
	}
	if !ok {
		return path, nil
	}
	home, err := homedir.Dir()
	if err != nil {
		return "", &core.SettingError{
			Setting: name, Reason: "~ cannot be expanded: the home directory is not known",
			HintText: "write the whole path", Err: err,
		}
	}
	return filepath.Join(home, filepath.FromSlash(rest)), nil
}

var percentVariable = regexp.MustCompile(`%[A-Za-z_][A-Za-z0-9_()]*%`)

// pathFault returns what keeps a path from being used as it is, "" for nothing.
func pathFault(system, path string) (reason, advice string) {
	const advise = "write the path out; only a ~/ at its beginning is expanded"
	const fileURL = "file:/"
	windows := system == "windows"
	switch {
	case strings.ContainsFunc(path, unicode.IsControl):
		return "the path holds a line break or another control character", "give one path alone"
	case len(path) >= len(fileURL) && strings.EqualFold(path[:len(fileURL)], fileURL):
		return "it is a URL, not a path", "write the path alone, without file://"
	case windows && percentVariable.MatchString(path):
		return "a variable in %…% is not expanded here", advise
	case holds(path, '~', func(next byte) bool { return windows && '0' <= next && next <= '9' }): // PROGRA~1
		return "this ~ is not expanded here", advise
	case holds(path, '$', func(next byte) bool { return windows && (next == 0 || next == '\\' || next == '/') }): // \\server\C$\folder
		return "a variable with $ is not expanded here", advise
	}
	return "", ""
}

// holds reports whether path holds the character, except before a byte that is allowed to follow; 0
// stands for the end.
func holds(path string, character byte, allowed func(next byte) bool) bool {
	for i := range len(path) {
		next := byte(0)
		if i+1 < len(path) {
			next = path[i+1]
		}
		if path[i] == character && !allowed(next) {
			return true
		}
	}
	return false
}
