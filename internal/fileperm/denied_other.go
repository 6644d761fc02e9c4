//go:build !unix

package fileperm

// Denied says that a path is denied. Who may open it is told by nothing short of opening it here.
func Denied(string) (reason, hint string) { return "permission denied", "" }

// IsHidden finds nothing.
func IsHidden(string) bool { return false }

// Writable finds nothing. Who may write is told by writing alone here.
func Writable(string) error { return nil }
