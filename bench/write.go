package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// The figures are between these lines of performance.md. The rest is hand-written.
const (
	beginMark = "<!-- figures: begin (make bench) -->"
	endMark   = "<!-- figures: end -->"
)

// write replaces the figures and the plots in the folder of performance.md.
func (b *bench) write(folder string) error {
	path := filepath.Join(folder, "performance.md")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, ok := bytes.Cut(text, []byte(beginMark))
	_, after, ok2 := bytes.Cut(rest, []byte(endMark))
	if !ok || !ok2 {
		return fmt.Errorf("%s: the marks around the figures are missing", path)
	}
	text = fmt.Appendf(nil, "%s%s\n\n%s\n%s%s", before, beginMark, b.figures(), endMark, after)
	if err := os.WriteFile(path, text, 0o644); err != nil { //nolint:gosec // world-readable
		return err
	}
	if err := os.MkdirAll(filepath.Join(folder, "performance"), 0o755); err != nil {
		return err
	}
	for _, c := range b.charts {
		if err := os.WriteFile(filepath.Join(folder, "performance", c.name+".svg"), []byte(c.SVG()), 0o644); err != nil { //nolint:gosec // the same
			return err
		}
	}
	return nil
}

// figures returns the machine, the table and the plots as Markdown.
func (b *bench) figures() string {
	var text strings.Builder
	fmt.Fprintf(&text, "Measured on %s.\n\n", machine())
	text.WriteString("| case | to reach | reached | peers | verdict |\n| --- | --- | --- | --- | --- |\n")
	for _, r := range b.rows {
		fmt.Fprintf(&text, "| %s | %s | %s | %s | %s |\n", r.title, r.reach, r.reached, r.peers, r.verdict())
	}
	for _, c := range b.charts {
		fmt.Fprintf(&text, "\n![%s](performance/%s.svg)\n", c.Title, c.name)
	}
	return text.String()
}

// machine describes the machine without its name.
func machine() string {
	cpu, kernel := "an unknown CPU", ""
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, model, ok := strings.Cut(string(text), "model name\t: "); ok {
			cpu, _, _ = strings.Cut(model, "\n")
		}
	}
	if text, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		kernel = " " + strings.TrimSpace(string(text))
	}
	return fmt.Sprintf("%s, %d cores, %s, %s%s/%s", cpu, runtime.NumCPU(), runtime.Version(), runtime.GOOS, kernel, runtime.GOARCH)
}

func (r row) verdict() string {
	switch {
	case r.met:
		return "reached"
	case r.note == "":
		return "**missed**"
	}
	return "**missed**: " + r.note
}

// String returns the row for a terminal.
func (r row) String() string {
	s := fmt.Sprintf("%-9s %s: %s, to reach %s", strings.Trim(strings.SplitN(r.verdict(), ":", 2)[0], "*"), r.title, r.reached, r.reach)
	if r.peers != "" {
		s += "; peers: " + r.peers
	}
	return s
}
