package doctor

import (
	"fmt"
	"runtime"
	"time"

	"github.com/taegis-go/taegis/core"
)

// The largest differences between the clock and a server's clock before doctor warns or fails.
const (
	skewWarned = 30 * time.Second
	skewFailed = 5 * time.Minute
)

// clock compares this machine's clock with the clocks of the servers.
func (e *examination) clock(sites []site, token core.Token) finding {
	for _, s := range sites {
		if s.date.IsZero() {
			continue
		}
		// The server sends whole seconds, on average half a second early.
		ahead := s.at.Sub(s.date.Add(time.Second / 2))
		return assess(ahead, s.url, token, s.at)
	}
	if e.offline {
		return skip("--offline was given")
	}
	return skip("no server sent the time")
}

func assess(ahead time.Duration, server string, token core.Token, now time.Time) finding {
	off := ahead.Abs()
	if off <= skewWarned {
		return passed("within %v of %s", max(off.Round(time.Second), time.Second), server)
	}
	direction := "behind"
	if ahead > 0 {
		direction = "ahead of"
	}
	text := fmt.Sprintf("%v %s %s", off.Round(time.Second), direction, server)
	if !token.IsZero() && token.Valid(now) != token.Valid(now.Add(-ahead)) {
		return failed(clockSetter(), "%s, so the token is valid by one clock and expired by the other", text)
	}
	if off > skewFailed {
		return failed(clockSetter(), "%s: tokens expire too early or too late", text)
	}
	return doubtful(clockSetter(), "%s", text)
}

// clockSetter returns the command that sets the clock of this machine from the network.
func clockSetter() string {
	switch runtime.GOOS {
	case "windows":
		return "w32tm /resync"
	case "darwin":
		return "sudo sntp -sS time.apple.com"
	}
	return "sudo timedatectl set-ntp true"
}
