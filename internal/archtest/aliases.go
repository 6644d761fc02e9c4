package archtest

import (
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
)

// checkAliases finds exported aliases of other packages' types in a public package. An alias hides
// the fields and methods of its type from a reader of the package's documentation.
func (t *Table) checkAliases(row *Row, src *source) []Violation {
	if row.Module || src.test() || src.file.Name.Name == "main" || isInternal(src.folder) {
		return nil
	}
	var found []Violation
	for _, spec := range exportedAliases(src.file) {
		target, ok := aliasTarget(src.file, spec.Type)
		name := path.Join(src.folder, spec.Name.Name)
		if _, allowed := t.Aliases[name]; !ok || allowed {
			continue
		}
		reason := spec.Name.Name + " is an alias of a type of " + target + ": "
		if folder, ours := t.folder(target); ours && isInternal(folder) {
			reason += "declare the type here"
		} else {
			reason += "declare the type here, or give a reason in the table"
		}
		line := src.fset.Position(spec.Pos()).Line
		found = append(found, Violation{Path: src.path, Line: line, Reason: reason})
	}
	return found
}

// exportedAliases returns the declarations of exported aliases of a file.
func exportedAliases(file *ast.File) []*ast.TypeSpec {
	var specs []*ast.TypeSpec
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.TYPE {
			continue
		}
		for _, spec := range group.Specs {
			if t := spec.(*ast.TypeSpec); t.Assign.IsValid() && t.Name.IsExported() {
				specs = append(specs, t)
			}
		}
	}
	return specs
}

// aliasTarget returns the import path of the package that declares the type of an alias. It returns
// false if the type is of the file's own package or has no name.
func aliasTarget(file *ast.File, expr ast.Expr) (string, bool) {
	switch e := expr.(type) {
	case *ast.ParenExpr:
		return aliasTarget(file, e.X)
	case *ast.StarExpr:
		return aliasTarget(file, e.X)
	case *ast.IndexExpr:
		return aliasTarget(file, e.X)
	case *ast.IndexListExpr:
		return aliasTarget(file, e.X)
	case *ast.SelectorExpr:
		if qualifier, ok := e.X.(*ast.Ident); ok {
			return importPath(file, qualifier.Name)
		}
	}
	return "", false
}

// importPath returns the path of the import with that name in a file. An import without a name has
// the last element of its path as the name, or the one before a major version.
func importPath(file *ast.File, name string) (string, bool) {
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has accepted it
		}
		given := path.Base(imported)
		if version, ok := strings.CutPrefix(given, "v"); ok && isNumber(version) {
			given = path.Base(path.Dir(imported))
		}
		if spec.Name != nil {
			given = spec.Name.Name
		}
		if given == name {
			return imported, true
		}
	}
	return "a package whose import has another name", true
}

func isNumber(text string) bool {
	_, err := strconv.Atoi(text)
	return err == nil
}

// isInternal reports whether other modules cannot import the folder's package.
func isInternal(folder string) bool {
	return slices.Contains(strings.Split(folder, "/"), "internal")
}
