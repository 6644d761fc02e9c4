package doctor

import (
	"fmt"
	"runtime"
	"time"

	"github.com/taegis-go/taegis/core"
)

// How far the clock may be from a server's.
const (
	skewWarned = 30 * time.Second
	skewFailed = 5 * time.Minute
)

// clock compares this machine's clock with those of the servers.
func (e *examination) clock(sites []site, token core.Token) finding {
	for _, s := range sites {
		if s.date.IsZero() {
			continue
		}
		// The server tells whole seconds: on average it is half a second later.
		ahead := s.at.Sub(s.date.Add(time.Second / 2))
		return assess(ahead, s.url, token, s.at)
	}
	if e.offline {
		return skip("--offline was given")
	}
	return skip("no server has told the time")
}

func assess(ahead time.Duration, server string, token core.Token, now time.Time) finding {
	off := ahead.Abs()
	if off <= skewWarned {
		return ok("within %v of %s", max(off.Round(time.Second), time.Second), server)
	}
	direction := "behind"
	if ahead > 0 {
		direction = "ahead of"
	}
	said := fmt.Sprintf("%v %s %s", off.Round(time.Second), direction, server)
	if !token.IsZero() && token.Valid(now) != token.Valid(now.Add(-ahead)) {
		return bad(clockSetter(), "%s, so that the token counts as valid here and not there", said)
	}
	if off > skewFailed {
		return bad(clockSetter(), "%s: tokens count as expired too early or too late", said)
	}
	return doubtful(clockSetter(), "%s", said)
}

// clockSetter sets the clock of this machine by the network.
func clockSetter() string {
	switch runtime.GOOS {
	case "windows":
		return "w32tm /resync"
	case "darwin":
		return "sudo sntp -sS time.apple.com"
	}
	return "sudo timedatectl set-ntp true"
}
