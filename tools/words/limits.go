package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// mostPlaces is how many places are listed for a limit.
const mostPlaces = 40

// line is a line of text and its place.
type line struct {
	file   string
	number int
	text   string
	code   bool // an example's code, in which words are not counted
}

// limit bounds how often words occur, together, in 10,000 words.
type limit struct {
	words       []string
	least, most float64 // most is not checked if it is 0
}

var commentLimits = []limit{
	{words: []string{"where"}, most: 15},
	{words: []string{"whose"}, most: 5},
	{words: []string{"if"}, least: 40},
	{words: []string{"beside"}, most: 1},
	{words: []string{"nobody"}, most: 1},
	{words: []string{"whoever"}, most: 0.5},
	{words: []string{"somebody"}, most: 0.5},
	{words: []string{"anew"}, most: 0.5},
}

var proseLimits = []limit{
	{words: []string{"where"}, most: 25},
	{words: []string{"if"}, least: 40},
	{words: []string{"nobody", "whoever", "beside"}, most: 2},
}

// report writes the rate of each limit, and the places of words over it, and returns an error if
// a limit is not kept.
func report(w io.Writer, title string, lines []line, limits []limit) error {
	found := map[string][]line{}
	total := 0
	for _, l := range lines {
		if l.code {
			continue
		}
		for _, word := range words(l.text) {
			total++
			found[word] = append(found[word], l)
		}
	}
	_, _ = fmt.Fprintf(w, "%s: %d words\n", title, total)
	var failed error
	for _, limit := range limits {
		var hits []line
		for _, word := range limit.words {
			hits = append(hits, found[word]...)
		}
		rate := 10_000 * float64(len(hits)) / float64(max(total, 1))
		verdict := limit.verdict(rate)
		_, _ = fmt.Fprintf(w, "  %-24s %6.1f per 10,000, %s\n", strings.Join(limit.words, " + "), rate, verdict)
		switch {
		case verdict == limit.bound():
			continue
		case rate > limit.least:
			writePlaces(w, hits)
		}
		failed = fmt.Errorf("%s: %w", title, errRate)
	}
	return failed
}

func (l limit) bound() string {
	if l.most > 0 {
		return fmt.Sprintf("at most %g", l.most)
	}
	return fmt.Sprintf("at least %g", l.least)
}

func (l limit) verdict(rate float64) string {
	if rate < l.least || l.most > 0 && rate > l.most {
		return l.bound() + ": FAILED"
	}
	return l.bound()
}

var codeSpan = regexp.MustCompile("`[^`]*`")

// words splits a line of text into lower-case words. An identifier or a path is a word that keeps
// its dots and slashes, so that "cql.Where" is not the word "where". URLs and text between
// backquotes are left out.
func words(text string) []string {
	var all []string
	for field := range strings.FieldsSeq(codeSpan.ReplaceAllString(text, " ")) {
		word := strings.ToLower(strings.Trim(field, ".,;:!?()[]{}<>\"'`*_|—–-…’“”"))
		if strings.ContainsAny(word, "abcdefghijklmnopqrstuvwxyz") && !strings.Contains(word, "://") {
			all = append(all, word)
		}
	}
	return all
}

// writePlaces lists the files with most lines first.
func writePlaces(w io.Writer, lines []line) {
	byFile := map[string]int{}
	for _, l := range lines {
		byFile[l.file]++
	}
	files := slices.SortedFunc(maps.Keys(byFile), func(a, b string) int {
		return cmp.Or(cmp.Compare(byFile[b], byFile[a]), cmp.Compare(a, b))
	})
	slices.SortStableFunc(lines, func(a, b line) int {
		return cmp.Or(
			cmp.Compare(slices.Index(files, a.file), slices.Index(files, b.file)),
			cmp.Compare(a.number, b.number))
	})
	for i, l := range lines {
		if i == mostPlaces {
			_, _ = fmt.Fprintf(w, "    and %d more\n", len(lines)-i)
			return
		}
		_, _ = fmt.Fprintf(w, "    %s:%d: %s\n", l.file, l.number, strings.TrimSpace(l.text))
	}
}
