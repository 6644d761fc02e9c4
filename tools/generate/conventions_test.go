package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// TestConventions checks the names and the comments of all generated code.
func TestConventions(t *testing.T) {
	for _, schema := range []string{"testdata/rules", repository + "/services/schema"} {
		c := conventions{T: t, nullFields: map[string]bool{}, explained: map[string]bool{}}
		for path, text := range generateAll(t, schema) {
			file, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			c.file(path, file)
		}
		for name := range c.nullFields {
			if !c.explained[name] {
				t.Errorf("package %s has NullFields and does not explain them", name)
			}
		}
	}
}

// TestConventionsFail has code that breaks each convention once.
func TestConventionsFail(t *testing.T) {
	for source, want := range map[string]string{
		"// T_x is.\ntype T_x struct{}":              "T_x has an underscore",
		"// T is.\ntype T struct { A_b int }":        "A_b has an underscore",
		"// F is.\nfunc F(a_b int) {}":               "a_b has an underscore",
		"// C is.\nconst C_x = 1":                    "C_x has an underscore",
		"// NewT is.\ntype NewT struct{}":            "NewT reads as a constructor",
		"type T struct{}":                            "T has 0 lines of comment",
		"// T is\n// long.\ntype T struct{}":         "T has 2 lines of comment",
		"// It is.\ntype T struct{}":                 "T has a comment about something else",
		"func F() {}":                                "F has no comment",
		"var V = 1":                                  "V has no comment",
		"type t struct{}\nfunc (t) MarshalJSON() {}": "MarshalJSON has no comment",
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package p\n\n"+source, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		c := conventions{T: t, report: func(text string) { found = append(found, text) }}
		c.file("x.go", file)
		if len(found) != 1 || !strings.Contains(found[0], want) {
			t.Errorf("%q: got %q, want %s", source, found, want)
		}
	}
}

// conventions reports names and comments that break the rules of generated code.
type conventions struct {
	*testing.T
	report     func(string) // nil fails the test
	nullFields map[string]bool
	explained  map[string]bool
}

func (c conventions) errorf(path, name, text string) {
	if c.report != nil {
		c.report(name + " " + text)
		return
	}
	c.Errorf("%s: %s %s", path, name, text)
}

func (c conventions) file(path string, file *ast.File) {
	for line := range strings.SplitSeq(file.Doc.Text(), "\n") {
		if strings.HasPrefix(line, "Deprecated:") {
			c.errorf(path, file.Name.Name, "is marked as deprecated as a whole")
		}
		if strings.HasPrefix(line, "# Null values") {
			c.explained[file.Name.Name] = true
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		name, ok := n.(*ast.Ident)
		switch {
		case !ok:
		case strings.Contains(strings.TrimSuffix(name.Name, "_test"), "_"):
			c.errorf(path, name.Name, "has an underscore")
		case name.Name == "NullFields":
			c.nullFields[file.Name.Name] = true
		}
		return true
	})
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && d.Doc == nil {
				c.errorf(path, d.Name.Name, "has no comment")
			}
		case *ast.GenDecl:
			c.declaration(path, d)
		}
	}
}

func (c conventions) declaration(path string, d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.ValueSpec:
			if s.Names[0].IsExported() && d.Doc == nil && s.Doc == nil {
				c.errorf(path, s.Names[0].Name, "has no comment")
			}
		case *ast.TypeSpec:
			if s.Name.IsExported() {
				c.typeSpec(path, s.Name.Name, d.Doc.Text())
			}
		}
	}
}

func (c conventions) typeSpec(path, name, comment string) {
	if _, found := cutNew(name); found {
		c.errorf(path, name, "reads as a constructor")
	}
	switch lines := strings.Count(comment, "\n"); {
	case lines != 1:
		c.errorf(path, name, fmt.Sprintf("has %d lines of comment", lines))
	case !strings.HasPrefix(comment, name+" ") && !strings.HasPrefix(comment, name+":"):
		c.errorf(path, name, "has a comment about something else")
	}
}
