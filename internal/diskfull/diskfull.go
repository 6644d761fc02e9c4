// Package diskfull recognizes the errors of a full disk.
package diskfull

// Is reports whether err means that the disk, or the user's share of it, is full.
func Is(err error) bool { return is(err) }
