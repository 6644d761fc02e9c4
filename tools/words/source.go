package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// source is what the check reads in Go files.
type source struct {
	comments []line
	names    []line // paths of files and declared names
	strings  []line // string literals
}

// readSource reads the hand-written Go files below dir.
func readSource(dir string) (source, error) {
	var s source
	err := walk(dir, func(path, name string) error {
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, ".gen.go") ||
			strings.HasSuffix(name, ".gen_test.go") {
			return nil
		}
		return s.read(path, name)
	})
	return s, err
}

// walk calls each with the path of each file below dir and its name relative to dir, with
// slashes. It leaves out testdata and hidden folders.
func walk(dir string, each func(path, name string) error) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() {
			if path != dir && (base == "testdata" || strings.HasPrefix(base, ".")) {
				return fs.SkipDir
			}
			return nil
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		return each(path, filepath.ToSlash(name))
	})
}

func (s *source) read(path, name string) error {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	if ast.IsGenerated(file) {
		return nil
	}
	number := func(pos token.Pos) int { return set.Position(pos).Line }
	s.comments = append(s.comments, comments(file, name, number)...)
	pkg := strings.TrimSuffix(file.Name.Name, "_test")
	if pkg == "main" {
		pkg = filepath.Base(filepath.Dir(path))
	}
	s.names = append(s.names, line{file: name, number: 1, text: name})
	for _, n := range names(file, pkg) {
		s.names = append(s.names, line{file: name, number: number(n.pos), text: n.text})
	}
	ast.Inspect(file, func(n ast.Node) bool {
		literal, is := n.(*ast.BasicLit)
		if !is || literal.Kind != token.STRING {
			return true
		}
		s.strings = append(s.strings, literalLines(literal.Value, name, number(literal.Pos()))...)
		return true
	})
	return nil
}

// literalLines returns the lines of a string literal that begins on the line start.
func literalLines(literal, name string, start int) []line {
	text, err := strconv.Unquote(literal)
	if err != nil {
		return nil
	}
	var lines []line
	for i, l := range strings.Split(text, "\n") {
		number := start
		if strings.HasPrefix(literal, "`") {
			number += i
		}
		lines = append(lines, line{file: name, number: number, text: l})
	}
	return lines
}

// directive matches comments for tools, for example //go:build and //nolint:gosec.
var directive = regexp.MustCompile(`^//([a-z0-9]+:|nolint\b|line |export |extern | ?\+build )`)

// comments returns the comments of a file, without directives and the output of examples. A line
// that is indented by a tab is code.
func comments(file *ast.File, name string, number func(token.Pos) int) []line {
	var lines []line
	for _, group := range file.Comments {
		if lower := strings.ToLower(group.Text()); strings.HasPrefix(lower, "output:") ||
			strings.HasPrefix(lower, "unordered output:") {
			continue
		}
		for _, comment := range group.List {
			if directive.MatchString(comment.Text) {
				continue
			}
			start := number(comment.Pos())
			for i, text := range strings.Split(comment.Text, "\n") {
				text = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(text, "//"), "/*"), "*/")
				code := strings.HasPrefix(text, "\t")
				lines = append(lines, line{name, start + i, text, code})
			}
		}
	}
	return lines
}
