package plugins_test

import (
	"runtime"
	"sync"
	"testing"
	"time"
)

// A plugin that is not needed ends, the next login starts it again, and no login fails at the moment
// at which it ends.
func TestIdlePlugin(t *testing.T) {
	s := play(t, "pid")
	s.IdleTimeout = time.Millisecond
	p := s.open(t)
	var mu sync.Mutex
	processes := map[string]bool{}
	var users sync.WaitGroup
	for user := range 4 {
		users.Go(func() {
			for i := range 15 {
				token, err := p.Authenticate(t.Context(), s.request())
				if err != nil {
					t.Errorf("login: %v", err)
					return
				}
				mu.Lock()
				processes[token.AccessToken.Reveal()] = true
				mu.Unlock()
				spin(time.Duration((user*7+i*3)%9) * 500 * time.Microsecond) // around the time limit
			}
		})
	}
	users.Wait()
	pause, most := time.NewTicker(50*time.Millisecond), time.After(time.Minute)
	defer pause.Stop()
	for len(processes) < 2 { // on a busy machine there may have been no moment without a login
		select {
		case <-pause.C:
		case <-most:
			t.Fatal("it never ended")
		}
		token, err := p.Authenticate(t.Context(), s.request())
		if err != nil {
			t.Fatal(err)
		}
		processes[token.AccessToken.Reveal()] = true
	}
	t.Logf("logins by %d processes", len(processes))
}

// spin lets time pass.
func spin(d time.Duration) {
	for begin := time.Now(); time.Since(begin) < d; {
		runtime.Gosched()
	}
}

// A plugin without an idle timeout runs until it is closed.
func TestPluginThatIsKept(t *testing.T) {
	s := play(t, "pid")
	s.IdleTimeout = -1
	p := s.open(t)
	first, err := p.Authenticate(t.Context(), s.request())
	if err != nil {
		t.Fatal(err)
	}
	again, err := p.Authenticate(t.Context(), s.request())
	if err != nil || !again.AccessToken.Equal(first.AccessToken) {
		t.Errorf("another process, or %v", err)
	}
}
