//go:build !unix

package doctor

import "os"

// writable returns an error if path does not exist. This system reports permissions only for a write,
// which doctor does not try.
func writable(path string) error {
	_, err := os.Stat(path)
	return err
}
