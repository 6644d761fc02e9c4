package catalog

import (
	"encoding/json"
	"fmt"
	"sync"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/paging"
	"github.com/taegis-go/taegis/services/schema"
)

// Paging returns how an operation pages, for [paging.Raw], and false if it does not page. An operation
// that only continues another one does not page by itself.
func Paging(op *core.Operation) (plan paging.Plan, found bool, err error) {
	rows, err := pagingRows()
	if err != nil {
		return plan, false, err
	}
	row, found := rows[keyOf(op)]
	if !found || row.continues {
		return plan, false, nil
	}
	plan = paging.Plan{Descriptor: row.Descriptor, Op: op}
	for _, other := range operations(op.Service) {
		if other.Name == row.Continuation && other.Kind == op.Kind {
			plan.Next = &paging.Plan{Descriptor: rows[keyOf(other)].Descriptor, Op: other}
		}
	}
	return plan, true, nil
}

func keyOf(op *core.Operation) pagingKey { return pagingKey{op.Service, op.Name, op.Kind} }

type pagingKey struct {
	service, operation string
	kind               core.OperationKind
}

// pagingRow is a row of paging.json, and whether its operation continues another one.
type pagingRow struct {
	paging.Descriptor
	continues bool
}

var pagingRows = sync.OnceValues(func() (map[pagingKey]pagingRow, error) {
	text, err := schema.FS.ReadFile("paging.json")
	if err != nil {
		return nil, fmt.Errorf("embedded schema: %w", err)
	}
	var list []paging.Descriptor
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("embedded schema: paging.json: %w", err)
	}
	continued := map[pagingKey]bool{}
	for _, row := range list {
		continued[pagingKey{row.Service, row.Continuation, core.OperationKind(row.Kind)}] = true
	}
	rows := map[pagingKey]pagingRow{}
	for _, row := range list {
		key := pagingKey{row.Service, row.Operation, core.OperationKind(row.Kind)}
		rows[key] = pagingRow{row, continued[key]}
	}
	return rows, nil
})
