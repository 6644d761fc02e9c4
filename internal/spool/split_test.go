package spool_test

import (
	"strings"
	"testing"

	"github.com/taegis-go/taegis/internal/spool"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		text string
		size int64
		want string // with | between the parts
	}{
		{"a\nb\n", 10, "a\nb\n"},
		{"a\nb\n", 4, "a\nb\n"},
		{"a\nb\n", 3, "a\n|b\n"},
		{"a\nb\n", 2, "a\n|b\n"},
		{"abc\nd", 3, "abc|\nd"}, // the line is larger than a part
		{"a\nbcdef\ng\n", 4, "a\n|bcde|f\ng\n"},
		{"\n\n\n", 1, "\n|\n|\n"},
		{"abc", 1, "a|b|c"},
		{"a\r\nb\r\n", 4, "a\r\n|b\r\n"},
		{"", 4, ""},
	} {
		parts, err := spool.Split(c.text, c.size)
		if got := strings.Join(parts, "|"); err != nil || got != c.want {
			t.Errorf("%q by %d: %q, %v, want %q", c.text, c.size, got, err, c.want)
		}
	}
	long := strings.Repeat("x", 200_000) + "\n" // longer than what is searched at once
	parts, err := spool.Split("first\n"+long+"last\n", 150_000)
	if err != nil || len(parts) != 3 || parts[0] != "first\n" || len(parts[1]) != 150_000 || parts[2] != strings.Repeat("x", 50_000)+"\nlast\n" {
		t.Errorf("%d parts, %v", len(parts), err)
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("a\nbc\n\nd", uint8(3))
	f.Fuzz(func(t *testing.T, text string, size uint8) {
		if size == 0 {
			return
		}
		parts, err := spool.Split(text, int64(size))
		if err != nil || strings.Join(parts, "") != text {
			t.Fatalf("%q, %v", parts, err)
		}
		for i, part := range parts[:max(0, len(parts)-1)] {
			if len(part) > int(size) || len(part) == 0 {
				t.Errorf("a part of %d bytes, at most %d", len(part), size)
			}
			if !strings.HasSuffix(part, "\n") && (len(part) != int(size) || strings.Contains(part, "\n")) {
				t.Errorf("part %d, %q, ends within a line that fits", i, part)
			}
			if strings.HasSuffix(part, "\n") && len(part) < int(size) {
				rest := strings.Join(parts[i+1:], "")[:int(size)-len(part)]
				if strings.Contains(rest, "\n") {
					t.Errorf("part %d has room for another line", i)
				}
			}
		}
	})
}

func TestNames(t *testing.T) {
	for path, want := range map[string]string{
		"/var/log/fw.log": "fw.log", "fw.txt": "fw.txt", "FW.LOG": "FW.log", "events.json": "events.json.log", "-": "stdin.log",
		"a b/c é.log": "c__.log", "..log": "log.log", "/": "_.log", ".hidden": "hidden.log", strings.Repeat("x", 100): strings.Repeat("x", 64) + ".log",
	} {
		if got := spool.BaseName(path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}
