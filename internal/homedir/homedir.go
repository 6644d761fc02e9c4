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
