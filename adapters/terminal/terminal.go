// Package terminal asks a person at the controlling terminal of the process, however its
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
	"unicode"

	"golang.org/x/term"

	"github.com/taegis-go/taegis/core"
)

// Options says how to ask. The zero value opens a browser where there is a display.
type Options struct {
	// NoBrowser shows links without opening a browser.
	NoBrowser bool
	// QR shows links as a QR code too, for signing in with a phone.
	QR bool
	// Stderr is where links, messages and the countdown go; nil means [os.Stderr].
	Stderr io.Writer
	// Getenv reads the environment variables BROWSER, DISPLAY, WAYLAND_DISPLAY, SSH_CONNECTION,
	// SSH_CLIENT and SSH_TTY; nil means [os.Getenv].
	Getenv func(string) string
}

// Open returns how the person at the controlling terminal can be asked. Without a terminal, and
// in a background job, which the system would stop at the first question, it returns the zero
// Prompt: nobody is there.
//
// Questions are asked one at a time in the whole process. A question that is answered with
// Ctrl-C, Ctrl-D or a signal to end returns [core.ErrCancelled], one whose context ends the
// context's cause; in each case the terminal is as it was before.
func Open(o Options) core.Prompt {
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
		ShowLink: s.showLink,
		AskText: func(ctx context.Context, label string) (string, error) {
			return ask(ctx, label, shown)
		},
		AskSecret: func(ctx context.Context, label string) (core.Secret, error) {
			answer, err := ask(ctx, label, hidden)
			return core.NewSecret(answer), err
		},
		Report:    s.report,
		Countdown: s.countdown,
	}
}

// screen is what the person reads, questions aside.
type screen struct {
	Options
	stderrIsTerminal bool

	mu    sync.Mutex
	width int // of the countdown that stands on the last line, 0 for none
}

// showLink prints the link at once and then opens a browser where one can be seen.
func (s *screen) showLink(ctx context.Context, link core.Link) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "Open this link to sign in:\n\n  %s\n\n", printable(link.URL))
	if link.Code != "" {
		fmt.Fprintf(&text, "The page must show the code %s.\n", printable(link.Code))
	}
	if s.QR {
		text.WriteString(qrCode(link.URL))
	}
	err := s.print(text.String())
	if !s.stderrIsTerminal { // a person has to see the link even where a log collects stderr
		err = onDevice(text.String())
	}
	s.openBrowser(link.URL)
	return err
}

func (s *screen) report(_ context.Context, message string) {
	_ = s.print(printable(message) + "\n") // nobody is left to tell of a stderr that is gone
}

// print writes to stderr in place of the countdown, which comes back by itself.
func (s *screen) print(text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := io.WriteString(s.Stderr, s.blank()+text)
	return err
}

// countdown keeps one line up to date; where stderr is no terminal there is none.
func (s *screen) countdown(_ context.Context, left time.Duration) {
	if !s.stderrIsTerminal {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	text := s.blank()
	if left > 0 {
		seconds := int(left.Round(time.Second) / time.Second)
		line := fmt.Sprintf("Waiting for you to sign in, %d:%02d left ", seconds/60, seconds%60)
		text += line
		s.width = len(line)
	}
	_, _ = io.WriteString(s.Stderr, text) // as for report
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

// printable drops what could move the cursor or hide something: the text comes from elsewhere.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, text)
}
