package main

import (
	"os"
	"regexp"
	"strings"
)

// excluded are the pages that commands write or that hold figures of runs.
var excluded = regexp.MustCompile(`^docs/evidence/`)

// included are the pages to check: docs and the pages at the root.
var included = regexp.MustCompile(`^(docs/.+|[^/]+)\.md$`)

// readProse reads the documentation below dir, without the targets of links, what commands wrote
// and the glossary.
func readProse(dir string) ([]line, error) {
	var lines []line
	err := walk(dir, func(path, name string) error {
		if !included.MatchString(name) || excluded.MatchString(name) {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		lines = append(lines, markdown(name, string(text))...)
		return nil
	})
	return lines, err
}

var (
	generatedPage = regexp.MustCompile(`^<!-- Code generated .* DO NOT EDIT\. -->`)
	skippedBegin  = regexp.MustCompile(`^<!-- ([a-z-]+): (written by |lists old words )`)
	skippedEnd    = regexp.MustCompile(`^<!-- end of ([a-z-]+) -->`)
	fence         = regexp.MustCompile("^ *(?:```+|~~~+)")
	linkTarget    = regexp.MustCompile(`\]\([^)]*\)`)
)

// markdown returns the lines of a page that were written by hand and do not list old words.
func markdown(name, page string) []line {
	if generatedPage.MatchString(page) {
		return nil
	}
	var lines []line
	var code, skipped bool
	for i, text := range strings.Split(page, "\n") {
		switch {
		case skippedBegin.MatchString(text):
			skipped = true
		case skippedEnd.MatchString(text):
			skipped = false
		case fence.MatchString(text):
			code = !code
		case !skipped:
			lines = append(lines, line{name, i + 1, linkTarget.ReplaceAllString(text, "]"), code})
		}
	}
	return lines
}
