package cmdutil

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/text"
)

const (
	// progressAfter is how long a list takes before its progress is shown.
	progressAfter = time.Second
	// progressEvery is how often the progress is drawn.
	progressEvery = 250 * time.Millisecond
	// eraseLine moves the cursor to the start of the line and erases it.
	eraseLine = "\r\x1b[K"
)

// progress shows on a terminal how far a list is. Any other output erases it first. A nil progress
// shows nothing.
type progress struct {
	to    io.Writer
	width func() int

	mu      sync.Mutex
	started time.Time
	count   int
	reason  string // what is waited for, "" for the server
	running bool
	paused  bool // other output or a prompt has the terminal until the next record
	shown   bool
}

// start begins to show the progress of a list. The caller calls stop at the end.
func (p *progress) start() (stop func()) {
	if p == nil {
		return func() {}
	}
	p.mu.Lock()
	p.started, p.count, p.running, p.paused = time.Now(), 0, true, false
	p.mu.Unlock()
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(progressEvery)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				p.draw()
			}
		}
	}()
	return sync.OnceFunc(func() {
		close(done)
		<-ended
		p.disable()
	})
}

// counting counts the records of a list as they come.
func (p *progress) counting(records iter.Seq2[json.RawMessage, error]) iter.Seq2[json.RawMessage, error] {
	if p == nil {
		return records
	}
	return func(yield func(json.RawMessage, error) bool) {
		for record, err := range records {
			if err == nil {
				p.mu.Lock()
				p.count++
				p.paused = false
				p.mu.Unlock()
			}
			if !yield(record, err) {
				return
			}
		}
	}
}

func (p *progress) setReason(reason string) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reason = reason
}

// draw draws the line of the progress.
func (p *progress) draw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	taken := time.Since(p.started)
	if !p.running || p.paused || taken < progressAfter {
		return
	}
	line := fmt.Sprintf("%d %s, %.0f/s, waiting for %s", p.count, Plural(p.count, "record", "records"),
		float64(p.count)/taken.Seconds(), cmp.Or(text.OneLine(p.reason), "the server"))
	p.shown = true
	_, _ = io.WriteString(p.to, eraseLine+text.Truncate(line, max(1, p.width()-4))) // an error of stderr cannot be reported
}

// erase erases the line. If pause is true, it is not drawn again before the next record.
func (p *progress) erase(pause bool) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.eraseLocked(pause)
}

// eraseLocked is erase for a caller that holds p.mu.
func (p *progress) eraseLocked(pause bool) {
	p.paused = p.paused || pause
	if p.shown {
		p.shown = false
		_, _ = io.WriteString(p.to, eraseLine) // as in draw
	}
}

// disable ends the progress.
func (p *progress) disable() {
	if p == nil {
		return
	}
	p.erase(false)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running = false
}

// guarded is a stream that erases the progress before it writes.
type guarded struct {
	io.Writer
	progress *progress
	pause    bool
}

// Write implements [io.Writer].
func (g guarded) Write(p []byte) (int, error) {
	if g.progress == nil {
		return g.Writer.Write(p)
	}
	g.progress.mu.Lock() // nothing is drawn in the middle of what is written
	defer g.progress.mu.Unlock()
	g.progress.eraseLocked(g.pause)
	return g.Writer.Write(p)
}

// Fd returns the descriptor of the stream, which is a terminal.
func (g guarded) Fd() uintptr { return g.Writer.(interface{ Fd() uintptr }).Fd() }

// File returns the file that the stream writes to, or nil if it is of another kind.
func (g guarded) File() *os.File { return fileOf(g.Writer) }

// fileOf returns the file that a stream of the command line writes to, or nil.
func fileOf(stream io.Writer) *os.File {
	switch s := stream.(type) {
	case *os.File:
		return s
	case interface{ File() *os.File }:
		return s.File()
	}
	return nil
}

// guardedPrompt returns a prompt that erases the progress before it asks.
func (p *progress) guardedPrompt(prompt core.Prompt) core.Prompt {
	if p == nil || prompt.AskText == nil || prompt.AskSecret == nil {
		return prompt
	}
	askText, askSecret := prompt.AskText, prompt.AskSecret
	prompt.AskText = func(ctx context.Context, label string) (string, error) {
		p.erase(true)
		return askText(ctx, label)
	}
	prompt.AskSecret = func(ctx context.Context, label string) (core.Secret, error) {
		p.erase(true)
		return askSecret(ctx, label)
	}
	return prompt
}
