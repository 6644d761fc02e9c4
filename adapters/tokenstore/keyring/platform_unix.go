//go:build unix && !darwin

package keyring

// The order is by how well the keyring protects the user.
var offered = []string{SecretService, Pass, KeyCtl}
