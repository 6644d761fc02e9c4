//go:build unix

package plugins_test

import (
	"syscall"
	"testing"
	"time"
)

// TestStopped closes a plugin that does nothing any more, not even end.
func TestStopped(t *testing.T) {
	h := newHolder(t)
	s := play(t, "held")
	s.Settings = map[string]string{"address": h.listener.Addr().String()}
	p := s.open(t)
	failed := make(chan error, 1)
	go func() {
		_, err := p.Authenticate(t.Context(), s.request())
		failed <- err
	}()
	h.meet(t)
	if err := syscall.Kill(h.pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	p.Close()
	within(t, "closing a plugin that was stopped", time.Since(start), 2*time.Second)
	if err := <-failed; err == nil {
		t.Error("the call gives no error")
	}
	wantNoFolder(t, h.sockets)
}
