package archtest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/taegis-go/taegis/internal/archtest"
)

const architecture = root + "/docs/architecture.md"

// TestArchitecturePage compares the packages of docs/architecture.md with the table, and writes
// them if -update is given.
func TestArchitecturePage(t *testing.T) {
	const (
		begin = "<!-- packages: written by go test ./internal/archtest -update -->\n"
		end   = "<!-- end of packages -->\n"
	)
	text := read(t, architecture)
	before, rest, ok := strings.Cut(text, begin)
	table, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s does not have the lines\n%s%s", architecture, begin, end)
	}
	want := "\n" + archtest.House.Markdown() + "\n"
	if table == want {
		return
	}
	if !*update {
		t.Fatalf("%s and the table differ: run go test ./internal/archtest -update", architecture)
	}
	write(t, root, "docs/architecture.md", before+begin+want+end+after)
}

// TestFindYourWay checks that each file named in docs/architecture.md exists and declares the name
// that follows it.
func TestFindYourWay(t *testing.T) {
	places := regexp.MustCompile("`([\\w./-]+\\.go)` `([\\w.]+)`").FindAllStringSubmatch(read(t, architecture), -1)
	if len(places) < 20 {
		t.Fatalf("only %d places are named", len(places))
	}
	for _, place := range places {
		file, name := place[1], place[2]
		if declared := declarations(t, filepath.Join(root, file)); !slices.Contains(declared, name) {
			t.Errorf("%s does not declare %s; it declares %s", file, name, strings.Join(declared, ", "))
		}
	}
}

// declarations returns the names that a file declares at its top level, methods as "Type.Name".
func declarations(t *testing.T, path string) (names []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Error(err)
		return nil
	}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			names = append(names, receiver(decl)+decl.Name.Name)
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				names = append(names, specNames(spec)...)
			}
		}
	}
	return names
}

// receiver returns "Type." for a method of Type, "" for a function.
func receiver(decl *ast.FuncDecl) string {
	if decl.Recv == nil {
		return ""
	}
	expr := decl.Recv.List[0].Type
	if pointer, ok := expr.(*ast.StarExpr); ok {
		expr = pointer.X
	}
	if name, ok := expr.(*ast.Ident); ok {
		return name.Name + "."
	}
	return "" // a generic type, which no page names
}

func specNames(spec ast.Spec) (names []string) {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		names = append(names, spec.Name.Name)
	case *ast.ValueSpec:
		for _, name := range spec.Names {
			names = append(names, name.Name)
		}
	}
	return names
}

var (
	markdownLink = regexp.MustCompile(`\]\(([^)\s]*)\)`)
	commentLink  = regexp.MustCompile(`\bdocs/[\w/-]+\.md(?:#[\w-]+)?`)
)

// TestLinks checks that the links between pages, and those of comments to pages, lead to a file and
// to a heading that exist.
func TestLinks(t *testing.T) {
	for path, text := range sources(t) {
		var links []string
		from := root
		if filepath.Ext(path) == ".md" {
			from = filepath.Dir(path)
			for _, link := range markdownLink.FindAllStringSubmatch(withoutCode(text), -1) {
				links = append(links, link[1])
			}
		} else {
			links = commentLink.FindAllString(text, -1)
		}
		for _, link := range links {
			file, heading, _ := strings.Cut(link, "#")
			if strings.Contains(file, ":") {
				continue // not of this module
			}
			target := filepath.Join(from, file)
			if file == "" {
				target = path
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s, which does not exist", path, link)
			} else if heading != "" && !slices.Contains(headings(t, target), heading) {
				t.Errorf("%s links to %s, but there is no such heading", path, link)
			}
		}
	}
}

// sources returns the pages and the Go files of the tree that can link to a page.
func sources(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch name := entry.Name(); {
		case err != nil:
			return err
		case entry.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules"):
			return filepath.SkipDir
		case filepath.Ext(name) == ".md", isHandWritten(name):
			files[path] = read(t, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// isHandWritten reports whether a file is Go that ships and that no program has written.
func isHandWritten(name string) bool {
	return strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, ".gen.go") && !strings.HasSuffix(name, "_test.go")
}

// headings returns the anchors of a page's headings, as GitHub makes them.
func headings(t *testing.T, path string) (anchors []string) {
	t.Helper()
	for line := range strings.Lines(withoutCode(read(t, path))) {
		title := strings.TrimLeft(line, "#")
		if title == line || !strings.HasPrefix(title, " ") {
			continue
		}
		anchors = append(anchors, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(title)))
	}
	return anchors
}

// withoutCode returns a page without its fenced blocks.
func withoutCode(text string) string {
	var b strings.Builder
	code := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "```") {
			code = !code
		} else if !code {
			b.WriteString(line)
		}
	}
	return b.String()
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
