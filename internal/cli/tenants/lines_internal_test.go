package tenants

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestLines(t *testing.T) {
	long := strings.Repeat("x", longestLine)
	for name, c := range map[string]struct{ written, want []string }{
		"whole lines":      {[]string{"a\nb\n", "c\n"}, []string{"a\nb\n", "c\n"}},
		"parts":            {[]string{"a", "b\nc", "d", "\n"}, []string{"ab\n", "cd\n"}},
		"no end":           {[]string{"a\nb"}, []string{"a\n", "b\n"}},
		"nothing":          {nil, nil},
		"empty lines":      {[]string{"\n", "\n\n"}, []string{"\n", "\n\n"}},
		"a very long line": {[]string{long, "y\n"}, []string{long, "y\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			l := &lines{mu: &sync.Mutex{}, write: func(text string) error { got = append(got, text); return nil }}
			for _, text := range c.written {
				if n, err := l.Write([]byte(text)); n != len(text) || err != nil {
					t.Errorf("%d, %v", n, err)
				}
			}
			if err := l.close(); err != nil || !slices.Equal(got, c.want) {
				t.Errorf("%.40q, %v", got, err)
			}
		})
	}
}

func TestLinesThatCannotBeWritten(t *testing.T) {
	full := errors.New("disk full")
	calls := 0
	l := &lines{mu: &sync.Mutex{}, write: func(string) error { calls++; return full }}
	for range 3 {
		if _, err := l.Write([]byte("a\nb")); !errors.Is(err, full) {
			t.Error(err)
		}
	}
	if err := l.close(); !errors.Is(err, full) || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
}
