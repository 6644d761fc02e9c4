package archtest

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// source is a parsed Go file.
type source struct {
	path, folder string
	file         *ast.File
	fset         *token.FileSet
	lines        int
}

func (s *source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

// load returns the Go files of every folder below dir that contains any file.
func load(dir string) (map[string][]*source, error) {
	folders := map[string][]*source{}
	// The files are opened by name and not listed by the go command, so that `go test` notices changes
	// and does not use a cached result.
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := name != dir && strings.ContainsAny(entry.Name()[:1], "._")
		switch {
		case entry.IsDir() && (hidden || entry.Name() == "testdata"):
			return filepath.SkipDir
		case entry.IsDir() || hidden:
			return nil
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		folder := path.Dir(rel)
		if path.Ext(rel) != ".go" {
			folders[folder] = append(folders[folder], nil...) // also for a folder without Go files
			return nil
		}
		src, err := parse(name, rel)
		folders[folder] = append(folders[folder], src)
		return err
	})
	return folders, err
}

func parse(name, rel string) (*source, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, rel, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	lines := bytes.Count(text, []byte("\n"))
	return &source{path: rel, folder: path.Dir(rel), file: file, fset: fset, lines: lines}, nil
}
