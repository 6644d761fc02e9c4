//go:build !taegis_keyring_bus

// Package hiddenbus keeps the address of the D-Bus session bus from 99designs/keyring while the
// program starts. That library dials the bus in its init, which costs each start milliseconds
// and, where no address is set, starts a bus that nobody ever ends.
//
// It works because Go initialises packages by their import path, each once what it imports is
// ready: this one imports os alone and is ready before that library, which needs os/exec.
// [Restore] puts back what was there; the package that imports both calls it from its init.
//
// The library then offers a host program that uses it too neither secret-service nor kwallet.
// Such a program is to be built with the tag taegis_keyring_bus, and pays at each start.
package hiddenbus

import "os"

// variable holds the address of the session bus.
const variable = "DBUS_SESSION_BUS_ADDRESS"

var address, wasSet = os.LookupEnv(variable)

func init() {
	_ = os.Setenv(variable, "disabled:") // no transport of that name: an error at once
}

// Restore puts the address back. Nobody else may have set another one meanwhile, since only
// packages have been initialised.
func Restore() {
	if wasSet {
		_ = os.Setenv(variable, address)
	} else {
		_ = os.Unsetenv(variable)
	}
}
