package plugins

import (
	"testing"
	"testing/synctest"
)

// TestDiscardWaitsForNobody discards a child while somebody starts the next one.
func TestDiscardWaitsForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := Open(Config{Name: "acme", Path: "/nonexistent"})
		if err != nil {
			t.Fatal(err)
		}
		p.slot <- struct{}{}
		p.discard(&child{})
	})
}
