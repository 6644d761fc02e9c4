package policy

import (
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/fileperm"
)

// fileName is the name of the policy in the folder of the administrator.
const fileName = "policy.toml"

// Load returns the policy of this machine, nil if it has none. A policy that cannot be read, that
// cannot be used, or that others than the administrator can change is a [*core.PolicyError].
func Load() (*Policy, error) {
	text, err := fileperm.ReadAdministered(fileName)
	path := filepath.Join(fileperm.SystemFolder(), fileName)
	switch {
	case err == nil:
		return decode(path, string(text))
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil //nolint:nilnil // all methods of a nil Policy allow
	}
	e := invalid(path, 0, err.Error())
	if file, ok := errors.AsType[*core.FileError](err); ok {
		e = invalid(path, 0, file.Path+": "+file.Reason)
		e.HintText += ": " + file.HintText
	}
	e.Err = err
	return nil, e
}
