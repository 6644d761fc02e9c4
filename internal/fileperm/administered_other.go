//go:build !unix && !windows

package fileperm

import "errors"

func systemFolder() string { return "/etc/taegis" }

// administered returns an error: this system has no administrator.
func administered(string) (string, error) { return "", errors.ErrUnsupported }
