package plugins

import (
	"testing"
	"testing/synctest"
)

// TestDiscardWaitsForNothing discards a child while another caller starts the next one.
func TestDiscardWaitsForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := New(Config{Name: "acme", Path: "/nonexistent"})
		if err != nil {
			t.Fatal(err)
		}
		p.slot <- struct{}{}
		p.discard(&child{})
	})
}
