// Package terminal prompts the user at the controlling terminal of the process. Questions go to the
// terminal itself, even if the standard streams are redirected, so that piped input stays data.
// Verifications and messages go to standard error.
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

// Options configures a prompt. The zero value opens a browser if there is a display.
type Options struct {
	// NoBrowser shows the page to log in at without opening a browser.
	NoBrowser bool
	// QR also shows a QR code of the page, for a login with a phone.
	QR bool
	// Stderr gets verifications, messages and the countdown; nil means [os.Stderr].
	Stderr io.Writer
	// Getenv reads the environment variables BROWSER, DISPLAY, WAYLAND_DISPLAY, SSH_CONNECTION,
	// SSH_CLIENT and SSH_TTY; nil means [os.Getenv].
	Getenv func(string) string
}

// New returns a prompt at the controlling terminal. Without a terminal, or in a background job,
// which the system would stop at the first question, New returns the zero Prompt.
//
// The process asks one question at a time. After Ctrl-C, Ctrl-D or a termination signal a question
// returns [core.ErrCancelled]; if its context ends, it returns the context's cause. In each case
// the terminal's modes are restored.
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
	if f, ok := s.Stderr.(interface{ Fd() uintptr }); ok {
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
		Notify:    s.notify,
		Countdown: s.countdown,
	}
}

// screen writes the verifications, messages and countdown.
type screen struct {
	Options
	stderrIsTerminal bool

	mu    sync.Mutex
	width int // of the countdown on the last line, 0 for none
}

// showVerification prints the page to log in at and then opens a browser if there is a display.
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
	if !s.stderrIsTerminal { // the user must see the page even if stderr is redirected
		err = onDevice(page.String())
	}
	s.openBrowser(verification.URI)
	return err
}

// notify prints a message, even if stderr is redirected: it belongs to the questions.
func (s *screen) notify(_ context.Context, message string) {
	line := text.Message(message) + "\n"
	_ = s.print(line) // an error of stderr cannot be reported
	if !s.stderrIsTerminal {
		_ = onDevice(line) // as above
	}
}

// print writes to stderr in place of the countdown, which is drawn again later.
func (s *screen) print(lines string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := io.WriteString(s.Stderr, s.blank()+lines)
	return err
}

// countdown redraws the line of the countdown if stderr is a terminal.
func (s *screen) countdown(_ context.Context, left time.Duration) {
	if !s.stderrIsTerminal {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	shown := s.blank()
	if left > 0 {
		seconds := int(left.Round(time.Second) / time.Second)
		line := fmt.Sprintf("Waiting for the login, %d:%02d left ", seconds/60, seconds%60)
		shown += line
		s.width = len(line)
	}
	_, _ = io.WriteString(s.Stderr, shown) // as in notify
}

// blank returns the text that erases the countdown. The caller holds s.mu.
func (s *screen) blank() string {
	if s.width == 0 {
		return ""
	}
	spaces := strings.Repeat(" ", s.width)
	s.width = 0
	return "\r" + spaces + "\r"
}
