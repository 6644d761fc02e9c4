package auth

import (
	"testing"

	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
)

// TestSameFile checks that auto and keyring use one file, so that there is nothing to move.
func TestSameFile(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	same := map[[2]string]bool{{keyring.Auto, keyring.Keyring}: true, {keyring.Keyring, keyring.Auto}: true}
	for _, from := range keyring.Backends() {
		for _, to := range keyring.Backends() {
			one, err := keyring.New(from, &keyring.Store{})
			if err != nil {
				t.Fatal(err)
			}
			other, err := keyring.New(to, &keyring.Store{})
			if err != nil {
				t.Fatal(err)
			}
			want := same[[2]string{from, to}] || from == to && from != keyring.Memory
			if got := sameFile(one, other); got != want {
				t.Errorf("%s and %s: %v, want %v", from, to, got, want)
			}
		}
	}
}
