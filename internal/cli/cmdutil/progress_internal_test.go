package cmdutil

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/core"
)

func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slowly := func(pauses ...time.Duration) iter.Seq2[json.RawMessage, error] {
			return func(yield func(json.RawMessage, error) bool) {
				for _, pause := range pauses {
					time.Sleep(pause)
					if !yield(json.RawMessage("1"), nil) {
						return
					}
				}
			}
		}
		var screen bytes.Buffer
		p := &progress{to: &screen, width: func() int { return 60 }}
		out := guarded{&screen, p, false}
		stop := p.start()
		p.setReason("the search\x1b[2J")
		for range p.counting(slowly(100*time.Millisecond, 2*time.Second)) {
			if _, err := out.Write([]byte("row\n")); err != nil {
				t.Fatal(err)
			}
		}
		stop()
		got := screen.String()
		if !strings.HasPrefix(got, "row\n"+eraseLine+"1 record, 1/s, waiting for the search\\x1b[2J") {
			t.Errorf("the screen got %q", got)
		}
		if !strings.HasSuffix(got, eraseLine+"row\n") {
			t.Errorf("the line stays: %q", got)
		}
	})
}

// A short list has no progress, and a prompt keeps the terminal until the next record.
func TestProgressStaysAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var screen bytes.Buffer
		p := &progress{to: &screen, width: func() int { return 60 }}
		stop := p.start()
		time.Sleep(progressAfter / 2)
		stop()
		if screen.Len() > 0 {
			t.Errorf("a short list got %q", screen.String())
		}
		stop = p.start()
		prompt := p.guardedPrompt(core.Prompt{
			AskText: func(context.Context, string) (string, error) {
				synctest.Wait()
				before := screen.Len()
				time.Sleep(time.Minute)
				synctest.Wait()
				if screen.Len() > before {
					t.Errorf("the prompt is overwritten by %q", screen.String()[before:])
				}
				return "", nil
			},
			AskSecret: func(context.Context, string) (core.Secret, error) { return core.Secret{}, nil },
		})
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if screen.Len() == 0 {
			t.Error("a long list has no progress")
		}
		if _, err := prompt.AskText(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(screen.String(), eraseLine) {
			t.Errorf("the line stays before a prompt: %q", screen.String())
		}
		stop()
	})
}

func TestPartialErrorsExitWith3(t *testing.T) {
	err := &PartialError{errors.Join(errors.New("id 7 is unknown"), core.ErrUnauthorized)}
	if code := ExitCode(t.Context(), func() {}, err); code != 3 {
		t.Errorf("exit code %d", code)
	}
	if !errors.Is(err, core.ErrUnauthorized) || !strings.Contains(err.Error(), "id 7 is unknown") {
		t.Error(err)
	}
}

func TestLimits(t *testing.T) {
	for _, test := range []struct {
		args      []string
		max, size int
		bad       bool
	}{
		{nil, 100, 0, false},
		{[]string{"--limit", "7"}, 7, 0, false},
		{[]string{"--all", "--page-size", "20"}, 0, 20, false},
		{[]string{"--limit", "0"}, 0, 0, true},
		{[]string{"--limit", "-1"}, 0, 0, true},
		{[]string{"--limit", "x"}, 0, 0, true},
		{[]string{"--page-size", "0"}, 0, 0, true},
		{[]string{"--all", "--limit", "5"}, 0, 0, true},
	} {
		cmd := &cobra.Command{Use: "list", RunE: func(*cobra.Command, []string) error { return nil }, SilenceErrors: true, SilenceUsage: true}
		limits := NewLimits(cmd)
		cmd.SetArgs(test.args)
		err := cmd.ExecuteContext(t.Context())
		if (err != nil) != test.bad || err == nil && (limits.Max() != test.max || limits.PageSize != test.size) {
			t.Errorf("%v: %d, %d, %v", test.args, limits.Max(), limits.PageSize, err)
		}
	}
}
