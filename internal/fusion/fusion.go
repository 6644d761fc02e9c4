// Package fusion holds rules of the GraphQL API of fusion, the successor of Taegis, that its
// schemas do not express. See docs/protocol.md#fusion-graphql.
package fusion

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/core"
)

// caseRoots are the root fields that open a case. A document with two of them fails.
var caseRoots = []string{
	"case", "cases", "caseEvidence", "caseComments", "caseFile", "caseFiles",
	"createCase", "updateCase", "addEvidenceToCase", "removeEvidenceFromCase", "splitCase", "mergeCase",
	"addCaseComment", "updateCaseComment", "deleteCaseComment", "startCaseFileUpload", "deleteCaseFile",
	"createCaseLink", "updateCaseLink", "deleteCaseLink",
}

// CaseRoots returns those of the root fields that open a case.
func CaseRoots(roots []string) []string {
	return slices.DeleteFunc(slices.Clone(roots), func(name string) bool { return !slices.Contains(caseRoots, name) })
}

// Roots returns the names of the root fields of an operation of a document, in order, as often as
// they occur. If no operation has the name, it returns those of the first one.
func Roots(doc *ast.QueryDocument, name string) []string {
	operation := doc.Operations.ForName(name)
	if operation == nil && len(doc.Operations) > 0 {
		operation = doc.Operations[0]
	}
	if operation == nil {
		return nil
	}
	var roots []string
	var walk func(set ast.SelectionSet, within []string)
	walk = func(set ast.SelectionSet, within []string) {
		for _, selection := range set {
			switch s := selection.(type) {
			case *ast.Field:
				roots = append(roots, s.Name)
			case *ast.InlineFragment:
				walk(s.SelectionSet, within)
			case *ast.FragmentSpread:
				if f := doc.Fragments.ForName(s.Name); f != nil && !slices.Contains(within, s.Name) {
					walk(f.SelectionSet, append(slices.Clip(within), s.Name))
				}
			}
		}
	}
	walk(operation.SelectionSet, nil)
	return roots
}

// refusable are the mutations that the server often refuses for a reason that passes.
var refusable = []string{"createCase", "addEvidenceToCase"}

// PartnerPreferences is the path of the error of a refusal that passes.
const PartnerPreferences = "partnerPreferences"

// Refuses reports whether errors refuse an operation with this root field for a reason that passes:
// the first of them has the path [PartnerPreferences].
func Refuses(root string, errors []core.GraphQLError) bool {
	return slices.Contains(refusable, root) && len(errors) > 0 && len(errors[0].Path) == 1 &&
		errors[0].Path[0] == any(PartnerPreferences)
}
