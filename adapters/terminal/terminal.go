// Package terminal asks a user at the controlling terminal of the process, however its
// standard streams are redirected: questions go to the terminal itself, so that piped input
// stays data, and links and messages go to standard error.
package terminal

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/text"
)

// Options says how to ask. The zero value opens a browser where there is a display.
type Options struct {
	// NoBrowser shows links without opening a browser.
	NoBrowser bool
	// QR shows links as a QR code too, for logging in with a phone.
	QR bool
	// Stderr is where links, messages and the countdown go; nil means [os.Stderr].
	Stderr io.Writer
	// Getenv reads the environment variables BROWSER, DISPLAY, WAYLAND_DISPLAY, SSH_CONNECTION,
	// SSH_CLIENT and SSH_TTY; nil means [os.Getenv].
	Getenv func(string) string
}

// New returns how the user at the controlling terminal can be asked. Without a terminal, and
// in a background job, which the system would stop at the first question, it returns the zero
// Prompt: nobody is there.
//
// Questions are asked one at a time in the whole process. A question that is answered with
// Ctrl-C, Ctrl-D or a signal to end returns [core.ErrCancelled], one whose context ends the
// context's cause; in each case the terminal is as it was before.
func New(o Options) core.Prompt {
	d, err := openDevice()
	if err != nil {
		return core.Prompt{}
	}
	d.close()
	s := &screen{Options: o}
	s.Stderr = cmp.Or[io.Writer](o.Stderr, os.Stderr)
	if o.Getenv == nil {
		s.Getenv = os.Getenv
	}
	if f, ok := s.Stderr.(*os.File); ok {
		s.stderrIsTerminal = term.IsTerminal(int(f.Fd()))
	}
	return core.Prompt{
		ShowVerification: s.showVerification,
		AskText: func(ctx context.Context, label string) (string, error) {
			return ask(ctx, text.Message(label), shown)
		},
		AskSecret: func(ctx context.Context, label string) (core.Secret, error) {
			answer, err := ask(ctx, text.Message(label), hidden)
			return core.NewSecret(answer), err
		},
		Notify:    s.report,
		Countdown: s.countdown,
	}
}

// screen is what the user reads, questions aside.
type screen struct {
	Options
	stderrIsTerminal bool

	mu    sync.Mutex
	width int // of the countdown that stands on the last line, 0 for none
}

// showVerification prints the link at once and then opens a browser where one can be seen.
func (s *screen) showVerification(ctx context.Context, verification core.Verification) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	var page strings.Builder
	fmt.Fprintf(&page, "Open this link to log in:\n\n  %s\n\n", text.Escape(verification.URI))
	if verification.UserCode != "" {
		fmt.Fprintf(&page, "The page must show the code %s.\n", text.Escape(verification.UserCode))
	}
	if s.QR {
		page.WriteString(qrCode(verification.URI))
	}
	err := s.print(page.String())
	if !s.stderrIsTerminal { // a user has to see the link even where a log collects stderr
		err = onDevice(page.String())
	}
	s.openBrowser(verification.URI)
	return err
}

func (s *screen) report(_ context.Context, message string) {
	_ = s.print(text.Message(message) + "\n") // nobody is left to tell of a stderr that is gone
}

// print writes to stderr in place of the countdown, which comes back by itself.
func (s *screen) print(lines string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := io.WriteString(s.Stderr, s.blank()+lines)
	return err
}

// countdown keeps one line up to date; where stderr is no terminal there is none.
func (s *screen) countdown(_ context.Context, left time.Duration) {
	if !s.stderrIsTerminal {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	shown := s.blank()
	if left > 0 {
		seconds := int(left.Round(time.Second) / time.Second)
		line := fmt.Sprintf("Waiting for you to log in, %d:%02d left ", seconds/60, seconds%60)
		shown += line
		s.width = len(line)
	}
	_, _ = io.WriteString(s.Stderr, shown) // as for report
}

// blank returns what wipes the countdown off its line. The caller holds s.mu.
func (s *screen) blank() string {
	if s.width == 0 {
		return ""
	}
	spaces := strings.Repeat(" ", s.width)
	s.width = 0
	return "\r" + spaces + "\r"
}
