//go:build !unix

package keyring

import "io/fs"

// noFollow is nothing here: symbolic links take a privilege to create.
const noFollow = 0

func isLink(error) bool { return false }

// checkPrivate checks what it is. Whose it is follows from the user's profile, where it lies.
func checkPrivate(path string, info fs.FileInfo, mode fs.FileMode) error {
	if mode == 0o600 && !info.Mode().IsRegular() {
		return fault(path, errIrregular)
	}
	return nil
}
