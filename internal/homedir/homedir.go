// Package homedir finds the folders of the user that runs this process, also if HOME is not set,
// as under a service manager or in a container.
package homedir

import (
	"errors"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
)

// Dir returns the home folder: HOME, or USERPROFILE on Windows, else that of the user database.
// It returns an error if neither has it.
func Dir() (string, error) {
	home, err := os.UserHomeDir()
	if err == nil {
		return home, nil
	}
	account, lookupErr := user.Current()
	if lookupErr != nil {
		return "", errors.Join(err, lookupErr)
	}
	if account.HomeDir == "" {
		return "", err
	}
	return account.HomeDir, nil
}

// Config returns the folder for configuration, [os.UserConfigDir] or, if that needs a home folder
// which is not set, the same below [Dir].
func Config() (string, error) {
	dir, err := os.UserConfigDir()
	if err == nil {
		return dir, nil
	}
	home, homeErr := Dir()
	if homeErr != nil {
		return "", errors.Join(err, homeErr)
	}
	switch runtime.GOOS {
	case "windows":
		return filepath.Join(home, "AppData", "Roaming"), nil
	case "darwin", "ios":
		return filepath.Join(home, "Library", "Application Support"), nil
	}
	return filepath.Join(home, ".config"), nil
}

// State returns the folder for data that a program keeps between its runs: XDG_STATE_HOME or
// ~/.local/state, on Windows the local application data, and on macOS the folder for configuration.
func State() (string, error) {
	switch runtime.GOOS {
	case "darwin", "ios":
		return Config()
	case "windows":
		if dir := os.Getenv("LOCALAPPDATA"); filepath.IsAbs(dir) {
			return dir, nil
		}
	default:
		if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
			return dir, nil
		}
	}
	home, err := Dir()
	if err != nil {
		return "", err
	}
	if runtime.GOOS == "windows" {
		return filepath.Join(home, "AppData", "Local"), nil
	}
	return filepath.Join(home, ".local", "state"), nil
}
