// Command stress runs the reliability cases and the fuzz targets of the module larger than
// `go test` does, and makes the table of docs/evidence/reliability.md from what they report:
//
//	go -C tools run ./stress -scale minutes
//	go -C tools run ./stress -scale hour
//
// It prints the table, too, and fails if a case does.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

// efforts are how much each target of a scale is fuzzed.
var efforts = map[string]effort{"minutes": {15 * time.Second, 1_000}, "hour": {5 * time.Minute, 20_000}}

func main() {
	scale := flag.String("scale", "minutes", "how large the cases are: minutes or hour")
	dir := flag.String("dir", "..", "root of the module")
	document := flag.String("document", "docs/evidence/reliability.md",
		"document below dir that holds the table; empty for none")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *dir, *scale, *document); err != nil {
		fmt.Fprintln(os.Stderr, "stress:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir, scale, document string) error {
	fuzzing, known := efforts[scale]
	if !known {
		return fmt.Errorf("-scale %s: neither minutes nor hour", scale)
	}
	began := time.Now()
	figures, failed := runCases(ctx, dir, scale)
	fuzzed, err := fuzz(ctx, dir, fuzzing)
	figures, failed = append(figures, fuzzed...), errors.Join(failed, err)
	searched, err := vulnerabilities(ctx, dir)
	figures, failed = append(figures, searched), errors.Join(failed, err)

	commit, err := command(ctx, dir, "git", "describe", "--always", "--dirty", "--exclude=*").Output()
	failed = errors.Join(failed, err)
	text := table(figures, scale, strings.TrimSpace(string(commit)), time.Since(began))
	fmt.Println(text)
	if document != "" {
		failed = errors.Join(failed, insert(filepath.Join(dir, document), scale, text))
	}
	return failed
}

// runCases runs the cases, one package after the other: their figures are of a machine that does
// nothing else.
func runCases(ctx context.Context, dir, scale string) ([]figure, error) {
	scratch, err := os.MkdirTemp("", "stress-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	file := filepath.Join(scratch, "figures")
	cmd := command(ctx, dir, "go", "test", "-count=1", "-p=1", "-timeout=2h", "./internal/stress/...")
	cmd.Env = append(os.Environ(), "TAEGIS_STRESS="+scale, "TAEGIS_STRESS_FIGURES="+file)
	cmd.Stdout = os.Stdout
	failed := cmd.Run()
	if failed != nil {
		failed = fmt.Errorf("the cases: %w", failed)
	}
	figures, err := readFigures(file)
	return figures, errors.Join(failed, err)
}

func vulnerabilities(ctx context.Context, dir string) (figure, error) {
	f := figure{
		Topic: supply, Case: "known vulnerabilities in code that is called, by govulncheck",
		Promise: "none", Seen: "none",
	}
	cmd := command(ctx, filepath.Join(dir, "tools"), "go", "run", "./vulnerabilities")
	if out, err := cmd.Output(); err != nil {
		f.Seen, f.Failed = "see `make vulnerabilities`", true
		return f, fmt.Errorf("vulnerabilities: %w\n%s", err, out)
	}
	return f, nil
}

// command prepares a program that is interrupted, not killed, when ctx ends: tests clean up then.
func command(ctx context.Context, dir, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	return cmd
}
