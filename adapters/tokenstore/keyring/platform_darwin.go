package keyring

var offered = []string{Keychain, Pass}
