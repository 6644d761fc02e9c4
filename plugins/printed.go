package plugins

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"github.com/taegis-go/taegis/core"
)

const (
	// keptOutput is how much of a plugin's output is kept, in bytes.
	keptOutput = 4 << 10
	// shownOutput is how much of it an error repeats, in characters.
	shownOutput = 300
	// secretLength is how long a word may be before it is taken for a secret.
	secretLength = 24
)

// words are unbroken runs of what secrets are made of.
var words = regexp.MustCompile(fmt.Sprintf(`[A-Za-z0-9+/=_.\-]{%d,}`, secretLength))

// printed is what a plugin wrote: the last of it for errors, line by line for the log. Secrets
// that the plugin was told, and all words as long as a secret, are withheld from both.
type printed struct {
	log *slog.Logger // nil logs nothing

	mu      sync.Mutex
	last    []byte
	secrets []string
}

// Write takes output at the rate at which it comes, however much it is. It never fails.
func (p *printed) Write(b []byte) (int, error) {
	p.keep(b)
	if p.log != nil && p.log.Enabled(context.Background(), slog.LevelDebug) {
		for text := range strings.Lines(string(b[:min(len(b), keptOutput)])) {
			p.log.Debug("the plugin wrote", "text", p.fit(text))
		}
	}
	return len(b), nil
}

func (p *printed) keep(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = append(p.last, b[max(0, len(b)-keptOutput):]...)
	if extra := len(p.last) - keptOutput; extra > 0 {
		p.last = append(p.last[:0], p.last[extra:]...)
	}
}

// withhold takes note of a secret. Short ones are words that occur elsewhere.
func (p *printed) withhold(s core.Secret) {
	if value := s.Reveal(); len(value) >= 6 {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.secrets = append(p.secrets, value)
	}
}

// fit makes text of the plugin fit to be shown in an error: one line without secrets.
func (p *printed) fit(text string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, secret := range p.secrets {
		text = strings.ReplaceAll(text, secret, "[redacted]")
	}
	text = words.ReplaceAllStringFunc(text, func(word string) string {
		if isPath(word) {
			return word
		}
		return fmt.Sprintf("[%d characters]", len(word))
	})
	return line(text, shownOutput)
}

// isPath spares the path of a file, whose elements are shorter than a secret.
func isPath(word string) bool {
	for element := range strings.SplitSeq(word, "/") {
		if len(element) >= secretLength {
			return false
		}
	}
	return strings.HasPrefix(word, "/")
}

// tail is the end of what was written, from the message of a panic on, in a form to go at the end
// of a sentence; empty where nothing was.
func (p *printed) tail() string {
	p.mu.Lock()
	text := string(p.last)
	p.mu.Unlock()
	for _, start := range []string{"panic: ", "fatal error: "} {
		if i := strings.Index(text, start); i >= 0 {
			text = text[i:]
			break
		}
	}
	// A word that was cut off is shorter than it was.
	if len(text) == keptOutput {
		_, text, _ = strings.Cut(text, "\n")
	}
	text = p.fit(text)
	if text == "" {
		return ""
	}
	return fmt.Sprintf("; it printed %q", text)
}

// line makes text from elsewhere fit to be shown: one line of at most limit printable
// characters.
func line(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text[:min(len(text), 8*limit)])
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return string(runes)
}
