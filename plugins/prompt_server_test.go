package plugins_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/taegis-go/taegis/core"
)

// audience is a user who answers, and a record of what was put before them.
type audience struct {
	mu    sync.Mutex
	shown []string
}

func (a *audience) see(format string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.shown = append(a.shown, fmt.Sprintf(format, args...))
}

func (a *audience) prompt() core.Prompt {
	return core.Prompt{
		ShowVerification: func(_ context.Context, page core.Verification) error {
			a.see("link %s %s", page.URI, page.UserCode)
			return nil
		},
		AskText: func(_ context.Context, label string) (string, error) { a.see("text %s", label); return "badge", nil },
		AskSecret: func(_ context.Context, label string) (core.Secret, error) {
			a.see("secret %s", label)
			return core.NewSecret("swordfish"), nil
		},
		Notify:    func(_ context.Context, message string) { a.see("report %s", message) },
		Countdown: func(_ context.Context, left time.Duration) { a.see("countdown %v", left) },
	}
}

func TestPrompts(t *testing.T) {
	s := play(t, "asker")
	s.Settings = map[string]string{"link": "https://acme.example/badge?code=AB-12"}
	req := s.request()
	var a audience
	req.Prompt = a.prompt()
	token, err := s.open(t).Authenticate(t.Context(), req)
	if err != nil || token.AccessToken.Reveal() != "badge-swordfish" {
		t.Fatalf("%+v, %v", token, err)
	}
	want := []string{
		`report [plugin:asker] looking for the reader\x1b[2J`,
		"report [plugin:asker] open this page to log in:",
		"link https://acme.example/badge?code=AB-12 AB-12",
		"text [plugin:asker] Badge: ",
		"secret [plugin:asker] Code: ",
		"countdown 3s",
	}
	if diff := cmp.Diff(want, a.shown); diff != "" {
		t.Error(diff)
	}
}

// TestNoPrompt checks that a plugin learns that it cannot prompt.
func TestNoPrompt(t *testing.T) {
	s := play(t, "asker")
	p := s.open(t)
	req := s.request()
	_, err := p.Authenticate(t.Context(), req)
	if !errors.Is(err, core.ErrUnavailable) || !strings.Contains(err.Error(), "not a terminal") {
		t.Errorf("without a terminal: %v", err)
	}
	var a audience
	req.Prompt, req.NonInteractive = a.prompt(), "--no-input was given"
	_, err = p.Authenticate(t.Context(), req)
	if !errors.Is(err, core.ErrUnavailable) || !strings.Contains(err.Error(), "--no-input") || len(a.shown) > 0 {
		t.Errorf("without input: %v, shown %q", err, a.shown)
	}
}

// TestVerifications checks that a plugin cannot have just anything opened.
func TestVerifications(t *testing.T) {
	for name, fine := range map[string]bool{
		"https://acme.example/x":                 true,
		"http://127.0.0.1:8000/x":                true,
		"http://acme.example/x":                  false,
		"file:///etc/passwd":                     false,
		"javascript:alert(1)":                    false,
		"https://acme.example/\x1b]0;x\x07":      false,
		"https://user:secret@acme.example/":      false,
		"https://a/" + strings.Repeat("x", 3000): false,
	} {
		s := play(t, "asker")
		s.Settings = map[string]string{"link": name}
		req := s.request()
		var a audience
		req.Prompt = a.prompt()
		_, err := s.open(t).Authenticate(t.Context(), req)
		shown := slices.ContainsFunc(a.shown, func(s string) bool { return strings.HasPrefix(s, "link ") })
		if shown != fine || (err == nil) != fine {
			t.Errorf("%.40q was shown: %v, %v", name, shown, err)
		}
	}
}

// TestCancelledPrompt lets the user give up.
func TestCancelledPrompt(t *testing.T) {
	s := play(t, "asker")
	p := s.open(t)
	req := s.request()
	var gaveUp time.Time
	req.Prompt.AskText = func(context.Context, string) (string, error) {
		gaveUp = time.Now()
		return "", fmt.Errorf("at the terminal: %w", core.ErrCancelled)
	}
	_, err := p.Authenticate(t.Context(), req)
	within(t, "cancelled at the prompt", time.Since(gaveUp), 10*time.Millisecond)
	if !errors.Is(err, core.ErrCancelled) || errors.Is(err, core.ErrUnavailable) {
		t.Errorf("the error is %v", err)
	}
	// A prompt that fails otherwise is not the user's decision.
	req.Prompt.AskText = func(context.Context, string) (string, error) { return "", errors.New("the terminal is on fire") }
	if _, err := p.Authenticate(t.Context(), req); err == nil || errors.Is(err, core.ErrCancelled) || strings.Contains(err.Error(), "fire") {
		t.Errorf("the error is %v", err)
	}
}

// TestQuestionsEndWithTheCall checks that no question stays on the screen.
func TestQuestionsEndWithTheCall(t *testing.T) {
	for name, end := range map[string]func(cancel context.CancelFunc, h *holder, s *fixture){
		"the caller gives up": func(cancel context.CancelFunc, _ *holder, _ *fixture) { cancel() },
		"the plugin dies":     func(_ context.CancelFunc, h *holder, _ *fixture) { h.kill() },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHolder(t)
			s := play(t, "held")
			s.Settings = map[string]string{"address": h.listener.Addr().String(), "asks": "1"}
			req := s.request()
			var open atomic.Int32
			asked := make(chan struct{})
			req.Prompt.AskText = func(ctx context.Context, _ string) (string, error) {
				open.Add(1)
				defer open.Add(-1)
				close(asked)
				<-ctx.Done()
				return "", context.Cause(ctx)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				h.meet(t)
				<-asked
				end(cancel, h, s)
			}()
			if _, err := s.open(t).Authenticate(ctx, req); err == nil {
				t.Error("there is no error")
			}
			if open.Load() != 0 {
				t.Error("a question is still open")
			}
		})
	}
}

// TestTwoPluginsAsk lets two processes ask at once: the user meets one question at a time.
func TestTwoPluginsAsk(t *testing.T) {
	var a audience
	var open, most atomic.Int32
	prompt := a.prompt()
	answer := prompt.AskText
	prompt.AskText = func(ctx context.Context, label string) (string, error) {
		most.Store(max(most.Load(), open.Add(1)))
		defer open.Add(-1)
		time.Sleep(20 * time.Millisecond) // a user needs time, in which the other one could barge in
		return answer(ctx, label)
	}
	start := time.Now()
	var both sync.WaitGroup
	for _, name := range []string{"one", "two"} {
		s := play(t, "asker")
		s.Name = name
		p := s.open(t)
		req := s.request()
		req.Prompt = prompt
		both.Go(func() {
			if _, err := p.Authenticate(t.Context(), req); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	within(t, "two plugins that ask at once", time.Since(start), 200*time.Millisecond)
	if most.Load() != 1 {
		t.Errorf("%d questions were open at once", most.Load())
	}
	for _, name := range []string{"one", "two"} {
		if !slices.Contains(a.shown, "text [plugin:"+name+"] Badge: ") {
			t.Errorf("plugin %s did not ask by its name: %q", name, a.shown)
		}
	}
}

// TestTimes checks which clock runs when. What is to end in time gets longer times until the plugin
// can start within them.
func TestTimes(t *testing.T) {
	for name, test := range map[string]times{
		"a user takes longer than work may":   {work: 2 * time.Second, interaction: time.Minute, takes: 2200 * time.Millisecond},
		"a user takes too long":               {work: time.Minute, interaction: 100 * time.Millisecond, takes: time.Hour, err: "the user did not answer within 100ms"},
		"a page is open longer than work may": {work: 2 * time.Second, interaction: time.Minute, takes: 2200 * time.Millisecond, verification: "https://acme.example"},
		"a page is open for too long":         {work: time.Minute, interaction: 100 * time.Millisecond, takes: time.Hour, verification: "https://acme.example", err: "the user did not answer within 100ms"},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.run(t)
			for test.err == "" && err != nil && test.takes < time.Minute {
				test.work, test.interaction, test.takes = 3*test.work, 3*test.interaction, 3*test.takes
				err = test.run(t)
			}
			switch {
			case test.err == "" && err != nil:
				t.Error(err)
			case test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)):
				t.Errorf("the error is %v, want one that says: %s", err, test.err)
			}
		})
	}
}

// times are the limits of a plugin, and the time that an answer or a link takes.
type times struct {
	work, interaction, takes time.Duration
	verification             string
	err                      string
}

func (c times) run(t *testing.T) error {
	s := play(t, "asker")
	s.Timeout, s.InteractionTimeout = c.work, c.interaction
	s.Settings = map[string]string{"wait": c.takes.String()}
	if c.verification != "" {
		s.Settings["link"] = c.verification
	}
	req := s.request()
	var a audience
	req.Prompt = a.prompt()
	req.Prompt.AskText = func(ctx context.Context, _ string) (string, error) {
		select {
		case <-time.After(c.takes):
			return "badge", nil
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
	_, err := s.open(t).Authenticate(t.Context(), req)
	return err
}
