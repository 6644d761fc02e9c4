//go:build unix && !darwin

package keyring

// The order is that of how well a user is protected and knows it.
var offered = []string{SecretService, Pass, KeyCtl}
