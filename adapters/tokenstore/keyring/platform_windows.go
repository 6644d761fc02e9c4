package keyring

var offered = []string{WinCred}
