//go:build !unix

package doctor

import "os"

// writable returns an error where there is nothing at path. Who may write it is told by writing
// alone here, and nothing is to be changed.
func writable(path string) error {
	_, err := os.Stat(path)
	return err
}
