package plugins

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/internal/text"
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
var words = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(fmt.Sprintf(`[A-Za-z0-9+/=_.\-]{%d,}`, secretLength))
})

// printed is what a plugin wrote: the last of it for errors, line by line for the log. Secrets
// that the plugin was told, and all words as long as a secret, are withheld from both.
type printed struct {
	log *slog.Logger // nil logs nothing

	mu      sync.Mutex
	last    []byte
	secrets withheld
}

// take takes whole lines, at the rate at which they come, however many they are.
func (p *printed) take(output []byte) {
	p.keep(output)
	if p.log == nil || !p.log.Enabled(context.Background(), slog.LevelDebug) {
		return
	}
	logged := 0
	for line := range bytes.Lines(output) {
		if logged += len(line); logged > keptOutput && logged > len(line) {
			return
		}
		p.log.Debug("the plugin wrote", "text", p.fit(string(line)))
	}
}

func (p *printed) keep(output []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = append(p.last, output[max(0, len(output)-keptOutput):]...)
	if extra := len(p.last) - keptOutput; extra > 0 {
		p.last = append(p.last[:0], p.last[extra:]...)
	}
}

// withhold takes note of a secret.
func (p *printed) withhold(s core.Secret) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.secrets.add(s.Reveal())
}

// fit makes text of the plugin fit to be shown in an error: one line without secrets.
func (p *printed) fit(said string) string {
	p.mu.Lock()
	said = p.secrets.removeFrom(said)
	// What control characters kept apart may still be a secret.
	plain := spaced(said, 8*shownOutput)
	if apart := p.secrets.removeFrom(plain); apart != plain {
		said = apart
	}
	p.mu.Unlock()
	said = text.OneLine(redact.Text(text.Truncate(said, 8*shownOutput)))
	said = words().ReplaceAllStringFunc(said, func(word string) string {
		if isPath(word) {
			return word
		}
		return fmt.Sprintf("[%d characters]", len(word))
	})
	return text.Short(said, shownOutput)
}

// stream is one way in which a plugin writes. It passes whole lines on, so that no secret comes in
// pieces.
type stream struct {
	to   *printed
	line []byte // that has no end yet
}

// longestLine bounds how much of a line is waited for, in bytes.
const longestLine = 64 << 10

// Write never fails.
func (s *stream) Write(b []byte) (int, error) {
	s.line = append(s.line, b...)
	end := bytes.LastIndexByte(s.line, '\n') + 1
	if end == 0 && len(s.line) > longestLine {
		end = len(s.line)
	}
	if end > 0 {
		s.to.take(s.line[:end])
		s.line = append(s.line[:0], s.line[end:]...)
	}
	return len(b), nil
}

// end takes what was written without the end of a line.
func (s *stream) end() {
	if len(s.line) > 0 {
		s.to.take(s.line)
		s.line = nil
	}
}

// isPath reports whether a word is the path of a file with elements shorter than a secret.
func isPath(word string) bool {
	for element := range strings.SplitSeq(word, "/") {
		if len(element) >= secretLength {
			return false
		}
	}
	return strings.HasPrefix(word, "/")
}

// tail is the end of what was written, from the message of a panic on, in a form to go at the end
// of a sentence; empty if there is nothing.
func (p *printed) tail() string {
	p.mu.Lock()
	said := string(p.last)
	p.mu.Unlock()
	for _, start := range []string{"panic: ", "fatal error: "} {
		if i := strings.Index(said, start); i >= 0 {
			said = said[i:]
			break
		}
	}
	// A word that was cut off is shorter than it was.
	if len(said) == keptOutput {
		_, said, _ = strings.Cut(said, "\n")
	}
	said = p.fit(said)
	if said == "" {
		return ""
	}
	return `; it printed "` + said + `"`
}

// spaced puts the first bytes of a text into one line of printable characters: everything else is
// white space, as a secret may have it between its words.
func spaced(text string, bytes int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text[:min(len(text), bytes)])
	return strings.Join(strings.Fields(text), " ")
}
