//go:build !unix

package fileperm

// Denied returns the reason for a denied path. On this system only opening a file shows who may
// open it.
func Denied(string) (reason, hint string) { return "permission denied", "" }

// IsHidden returns false.
func IsHidden(string) bool { return false }

// Writable returns nil. On this system only writing shows whether a folder is writable.
func Writable(string) error { return nil }
