package main

import (
	"go/ast"
	"go/token"
)

// declared is a declared name with its place.
type declared struct {
	pos  token.Pos
	text string
}

// names returns the names that a file declares. Those at package level are written package.Name,
// fields and methods package.Type.Member, and all others, for example parameters, package.name.
// The names of functions and methods end with ().
func names(file *ast.File, pkg string) []declared {
	var all []declared
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			scope := pkg
			if decl.Recv != nil && len(decl.Recv.List) > 0 {
				scope += "." + receiver(decl.Recv.List[0].Type)
			}
			all = append(all, declared{decl.Name.Pos(), scope + "." + decl.Name.Name + "()"})
			all = append(all, within(decl, pkg)...)
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				if spec, is := spec.(*ast.TypeSpec); is {
					all = append(all, declared{spec.Name.Pos(), pkg + "." + spec.Name.Name})
					all = append(all, within(spec.Type, pkg+"."+spec.Name.Name)...)
					continue
				}
				all = append(all, within(spec, pkg)...)
			}
		}
	}
	return all
}

// receiver returns the name of a method's type.
func receiver(expr ast.Expr) string {
	switch expr := expr.(type) {
	case *ast.StarExpr:
		return receiver(expr.X)
	case *ast.IndexExpr:
		return receiver(expr.X)
	case *ast.IndexListExpr:
		return receiver(expr.X)
	case *ast.Ident:
		return expr.Name
	}
	return ""
}

// within returns the names that are declared below a node, each after scope.
func within(node ast.Node, scope string) []declared {
	var all []declared
	add := func(exprs ...ast.Expr) {
		for _, expr := range exprs {
			if ident, is := expr.(*ast.Ident); is {
				all = append(all, declared{ident.Pos(), scope + "." + ident.Name})
			}
		}
	}
	ast.Inspect(node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			for _, name := range n.Names {
				add(name)
			}
		case *ast.ImportSpec:
			if n.Name != nil {
				add(n.Name)
			}
		case *ast.TypeSpec:
			add(n.Name)
		case *ast.ValueSpec:
			for _, name := range n.Names {
				add(name)
			}
		case *ast.LabeledStmt:
			add(n.Label)
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				add(n.Lhs...)
			}
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				add(n.Key, n.Value)
			}
		}
		return true
	})
	return all
}
