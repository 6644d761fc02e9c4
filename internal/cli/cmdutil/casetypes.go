package cmdutil

import (
	"context"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
)

// CaseTypes returns the number of types of cases that a tenant of fusion has. It is the cheapest call
// there, and 0 for a tenant that has not moved (docs/protocol.md#headers-of-the-successor).
func CaseTypes(ctx context.Context, client *taegis.Client) (int, error) {
	var data struct {
		CaseTypes *struct {
			Types []struct{ ID string } `json:"types"`
		} `json:"caseTypes"`
	}
	err := client.Execute(ctx, &core.Request{
		Operation: &core.Operation{Name: "caseTypes", Kind: core.KindQuery},
		Document:  "query caseTypes { caseTypes(arguments: {}) { types { id } } }",
	}, &data)
	if err != nil || data.CaseTypes == nil {
		return 0, err
	}
	return len(data.CaseTypes.Types), nil
}
