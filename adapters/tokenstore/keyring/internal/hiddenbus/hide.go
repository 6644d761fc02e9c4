//go:build linux && !taegis_keyring_bus

// Package hiddenbus hides the address of the D-Bus session bus from 99designs/keyring while the
// program starts. The comment of package keyring says why, and what a program notices.
//
// Go initializes packages in the order of their import paths, each when its imports are
// initialized. This package imports only os, so it comes before that library, which imports
// os/exec. Package keyring imports both and calls [Restore] in its init.
package hiddenbus

import "os"

// variable holds the address of the session bus.
const variable = "DBUS_SESSION_BUS_ADDRESS"

var address, wasSet = os.LookupEnv(variable)

func init() {
	_ = os.Setenv(variable, "disabled:") // no transport has that name, so dialing fails at once
}

// Restore sets the address to its former value, or removes it if there was none.
func Restore() {
	if wasSet {
		_ = os.Setenv(variable, address)
	} else {
		_ = os.Unsetenv(variable)
	}
}
