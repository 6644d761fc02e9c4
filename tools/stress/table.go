package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// figure is what a case reports; package internal/stress writes it.
type figure struct {
	Topic, Case, Promise, Seen string
	Failed                     bool
}

const (
	input  = "Bad input"
	supply = "Supply chain"
)

// topics are the parts of the table, in order.
var topics = []string{
	"Crash at every step", "Many processes", "Many callers", "Servers that misbehave", input, "Nothing leaks",
	supply, "A week in an hour",
}

func readFigures(file string) ([]figure, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("the cases reported no figure")
	}
	if err != nil {
		return nil, err
	}
	var figures []figure
	for line := range bytes.Lines(text) {
		var f figure
		if err := json.Unmarshal(line, &f); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if !slices.Contains(topics, f.Topic) {
			return nil, fmt.Errorf("%s: the topic %q is not one of the table's", file, f.Topic)
		}
		figures = append(figures, f)
	}
	return figures, nil
}

// table renders the figures as Markdown: a table for each topic, below a line that describes the
// run.
func table(figures []figure, scale, commit string, took time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Run of %s, commit %s, scale `%s`: %s on %s/%s, %d processors, %s.\n", time.Now().UTC().Format(time.DateOnly), commit, scale,
		took.Round(time.Second), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	for _, topic := range topics {
		fmt.Fprintf(&b, "\n### %s\n\n| case | promised | counted |\n| --- | --- | --- |\n", topic)
		for _, f := range figures {
			if f.Topic != topic {
				continue
			}
			seen := f.Seen
			if f.Failed {
				seen = "**failed**: " + seen
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", cell(f.Case), cell(f.Promise), cell(seen))
		}
	}
	return b.String()
}

func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(text)
}

// insert puts the table between the two marks of its scale in the document.
func insert(document, scale, table string) error {
	text, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	begin, end := "<!-- "+scale+": written by the command -->\n", "<!-- end of "+scale+" -->\n"
	before, rest, found := strings.Cut(string(text), begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		return fmt.Errorf("%s: the marks %q and %q are missing", document, strings.TrimSpace(begin), strings.TrimSpace(end))
	}
	// It exists, and keeps its mode.
	return os.WriteFile(document, []byte(before+begin+"\n"+table+"\n"+end+after), 0o600)
}
