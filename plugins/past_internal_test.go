package plugins

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestSuspension checks what a crash costs, over times that no other test can wait for.
func TestSuspension(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p past
		want := func(when string, want bool) {
			t.Helper()
			if _, is := p.suspended(); is != want {
				t.Errorf("suspended %s: %v, want %v", when, is, want)
			}
		}
		p.crashed()
		want("after one crash", false)
		p.answered()
		p.crashed()
		want("after a crash, an answer and a crash", false)
		p.crashed()
		want("after two crashes in a row", true)
		time.Sleep(suspension)
		want("after the suspension", false)
		p.crashed()
		want("after one more crash", true)
		time.Sleep(suspension)
		p.answered()
		p.crashed()
		want("once it has worked again", false)
	})
}
