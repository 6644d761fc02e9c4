// Command words checks the vocabulary of the module's comments and documentation:
//
//	go -C tools run ./words
//
// It counts words in comments of hand-written Go code and in prose, and fails if a rate is outside
// its limit. With -old it also searches for the old identifiers of old.txt and fails if it finds
// one.
package main

import (
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

//go:embed old.txt
var oldList string

var (
	errRate = errors.New("a word is used too often or too rarely")
	errOld  = errors.New("an old identifier is in use")
)

func main() {
	dir := flag.String("dir", "..", "root of the tree to check")
	old := flag.Bool("old", false, "search for the old identifiers of old.txt too")
	flag.Parse()
	list := ""
	if *old {
		list = oldList
	}
	if err := run(os.Stdout, *dir, list); err != nil {
		fmt.Fprintln(os.Stderr, "words:", err)
		os.Exit(1)
	}
}

// run writes the rates of the tree below dir and the places to change. list is in the format of
// old.txt.
func run(w io.Writer, dir, list string) error {
	rows, err := parseRows(list)
	if err != nil {
		return err
	}
	source, err := readSource(dir)
	if err != nil {
		return err
	}
	prose, err := readProse(dir)
	if err != nil {
		return err
	}
	kept := errors.Join(
		report(w, "comments", source.comments, commentLimits),
		report(w, "prose", prose, proseLimits),
	)
	return errors.Join(kept, reportOld(w, rows, source, prose))
}
