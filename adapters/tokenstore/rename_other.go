//go:build !windows

package tokenstore

import "github.com/spf13/afero"

func rename(fs afero.Fs, from, to string) error { return fs.Rename(from, to) }
