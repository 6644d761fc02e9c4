package archtest

import (
	"cmp"
	"fmt"
	"go/ast"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Violation is a violation of the table in a source tree.
type Violation struct {
	Path   string // a file or folder, relative to the tree, with slashes
	Line   int    // 0 for the whole file or folder
	Reason string
}

func (v Violation) String() string {
	if v.Line == 0 {
		return v.Path + ": " + v.Reason
	}
	return fmt.Sprintf("%s:%d: %s", v.Path, v.Line, v.Reason)
}

// Check returns the violations of the table in the source tree in dir, ordered by path. It reads
// every file, with any build constraints, except in folders that the go command ignores: testdata
// and names with a leading dot or underscore. It returns an error if a file cannot be read or
// parsed.
func (t *Table) Check(dir string) ([]Violation, error) {
	folders, err := load(dir)
	if err != nil {
		return nil, err
	}
	var found []Violation
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		row := t.row(folder)
		if row == nil {
			found = append(found, Violation{Path: folder, Reason: "the table has no such folder: add a row that says its purpose in one sentence, or make it a file"})
			continue
		}
		for _, src := range folders[folder] {
			found = append(found, t.checkSize(src)...)
			found = append(found, checkOrigin(row, src)...)
			found = append(found, t.checkAliases(row, src)...)
			if !row.Module {
				found = append(found, t.checkImports(row, src)...)
			}
		}
		found = append(found, checkComments(folder, folders[folder])...)
	}
	slices.SortStableFunc(found, func(a, b Violation) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line))
	})
	return found, nil
}

// row returns the row of a folder, nil if there is none.
func (t *Table) row(folder string) *Row {
	i := slices.IndexFunc(t.Rows, func(r Row) bool { return matches(r.Folder, folder) })
	if i < 0 {
		return nil
	}
	return &t.Rows[i]
}

// matches reports whether a folder or package matches a pattern of the table.
func matches(pattern, name string) bool {
	if tree, ok := strings.CutSuffix(pattern, "/..."); ok {
		return name == tree || strings.HasPrefix(name, tree+"/")
	}
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

func matchesAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, name) })
}

// below reports whether a package belongs to one of the modules.
func below(modules []string, name string) bool {
	return slices.ContainsFunc(modules, func(m string) bool { return matches(m+"/...", name) })
}

// checkSize finds hand-written files that are too long.
func (t *Table) checkSize(src *source) []Violation {
	if ast.IsGenerated(src.file) || src.lines <= t.MaxLines {
		return nil
	}
	return []Violation{{Path: src.path, Reason: fmt.Sprintf("has %d lines, at most %d are allowed: split it by idea", src.lines, t.MaxLines)}}
}

// checkOrigin finds files with a name that does not match their origin: generated or hand-written.
func checkOrigin(row *Row, src *source) []Violation {
	named := strings.HasSuffix(src.path, ".gen.go") || strings.HasSuffix(src.path, ".gen_test.go")
	marked := ast.IsGenerated(src.file)
	switch {
	case named && !marked:
		return []Violation{{Path: src.path, Reason: `is named .gen.go without the line "// Code generated … DO NOT EDIT."`}}
	case marked && !named:
		return []Violation{{Path: src.path, Reason: "is generated: name it .gen.go"}}
	case row.Generated && !marked && !src.test():
		return []Violation{{Path: src.path, Reason: "is written by hand in a folder that is generated"}}
	}
	return nil
}

// checkImports finds imports that the row does not allow.
func (t *Table) checkImports(row *Row, src *source) []Violation {
	var found []Violation
	for _, spec := range src.file.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has accepted it
		}
		if reason := t.importFault(row, src, name); reason != "" {
			line := src.fset.Position(spec.Pos()).Line
			found = append(found, Violation{Path: src.path, Line: line, Reason: "imports " + name + ": " + reason})
		}
	}
	return found
}

// importFault returns the reason why a file of the row must not import the package, or "" if it
// may.
func (t *Table) importFault(row *Row, src *source, name string) string {
	notListed := "the row " + row.Folder + " of the table does not list it"
	if folder, ours := t.folder(name); ours {
		switch {
		case src.test():
			return ""
		case isOtherAdapter(src.folder, folder):
			return "an adapter knows no other adapter"
		case !matchesAny(row.Ours, folder):
			return notListed
		}
		return ""
	}
	standard := !strings.Contains(strings.Split(name, "/")[0], ".")
	switch {
	case name == "C":
		return "the SDK builds without cgo"
	case standard && src.test():
		return ""
	case standard && matchesAny(row.Bans, name):
		return "the row " + row.Folder + " of the table bans it"
	case standard && !row.Testing && matchesAny(t.TestSupport, name):
		return "it is for tests, and this ships"
	case standard:
		return ""
	case src.test() && !below(t.testModules(), name):
		return "the table lists it neither for tests nor in any row"
	case !src.test() && !below(row.Others, name):
		return notListed
	}
	return ""
}

// folder returns the folder of a package of this module.
func (t *Table) folder(name string) (folder string, ours bool) {
	if name == t.Module {
		return ".", true
	}
	return strings.CutPrefix(name, t.Module+"/")
}

// testModules returns the third-party modules that tests may import. It omits packages of a listed
// module, because depguard compares with the nearest entry only and would miss the module.
func (t *Table) testModules() []string {
	all := slices.Clone(t.TestModules)
	for _, row := range t.Rows {
		all = append(all, row.Others...)
	}
	slices.Sort(all)
	var widest []string
	for _, name := range all {
		if !below(widest, name) {
			widest = append(widest, name)
		}
	}
	return widest
}

// isOtherAdapter reports whether from and to are in different adapters. Packages below an adapter
// belong to it.
func isOtherAdapter(from, to string) bool {
	a, b := adapter(from), adapter(to)
	return a != "" && b != "" && a != b
}

func adapter(folder string) string {
	rest, ok := strings.CutPrefix(folder, "adapters/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// checkComments finds packages without a package comment, or with several. The comment
// is in the shipping code; a folder with only tests needs one there.
func checkComments(folder string, files []*source) []Violation {
	if shipping := slices.DeleteFunc(slices.Clone(files), (*source).test); len(shipping) > 0 {
		files = shipping
	}
	commented := map[string][]string{}
	for _, src := range files {
		name := strings.TrimSuffix(src.file.Name.Name, "_test")
		var in []string
		if strings.TrimSpace(src.file.Doc.Text()) != "" {
			in = []string{path.Base(src.path)}
		}
		commented[name] = append(commented[name], in...)
	}
	var found []Violation
	for _, name := range slices.Sorted(maps.Keys(commented)) {
		switch in := commented[name]; len(in) {
		case 0:
			found = append(found, Violation{Path: folder, Reason: "package " + name + " has no package comment"})
		case 1:
		default:
			found = append(found, Violation{Path: folder, Reason: fmt.Sprintf("package %s has %d package comments, one is enough: %s", name, len(in), strings.Join(in, ", "))})
		}
	}
	return found
}
