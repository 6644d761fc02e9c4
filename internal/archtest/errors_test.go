package archtest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestErrorsPage checks that docs/errors.md names each exported error type and sentinel of the
// public packages, and no other one.
func TestErrorsPage(t *testing.T) {
	page := read(t, root+"/docs/errors.md")
	known := map[string]bool{}
	for name := range publicErrors(t) {
		known[name] = true
		if !regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`).MatchString(page) {
			t.Errorf("docs/errors.md does not name %s", name)
		}
	}
	if len(known) < 40 {
		t.Errorf("found only %d errors in the public packages", len(known))
	}
	named := regexp.MustCompile("`\\*?((?:[a-z]+\\.)(?:Err[A-Z]\\w*|[A-Z]\\w*Error))`")
	for _, match := range named.FindAllStringSubmatch(page, -1) {
		if name := match[1]; !known[name] && !strings.HasPrefix(name, "io.") {
			t.Errorf("docs/errors.md names %s, which does not exist", name)
		}
	}
}

// publicErrors returns the error types and sentinels that the public packages export, as
// "package.Name".
func publicErrors(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		base := entry.Name()
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != root && isPrivate(base):
			return filepath.SkipDir
		case entry.IsDir() || !isHandWritten(base):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil || file.Name.Name == "main" {
			return err
		}
		for _, exported := range errorsIn(file) {
			names[file.Name.Name+"."+exported] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// isPrivate reports whether programs import nothing below a folder of that name.
func isPrivate(folder string) bool {
	switch folder {
	case "internal", "testdata", "tools", "bench", "docs", "examples", "cmd":
		return true
	}
	return strings.HasPrefix(folder, ".")
}

// errorsIn returns the exported types of a file that end in Error, and its exported sentinels.
func errorsIn(file *ast.File) (names []string) {
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.TYPE && group.Tok != token.VAR {
			continue
		}
		for _, spec := range group.Specs {
			for _, name := range specNames(spec) {
				_, isType := spec.(*ast.TypeSpec)
				sentinel := !isType && strings.HasPrefix(name, "Err")
				if ast.IsExported(name) && (sentinel || isType && strings.HasSuffix(name, "Error")) {
					names = append(names, name)
				}
			}
		}
	}
	return names
}
