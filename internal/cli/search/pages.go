package search

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/paging"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/services/catalog"
)

// CallerName is the name by which the server's own logs know the searches of the command line.
const CallerName = "taegis"

// Pages returns the records of all pages of an operation, for example "alerts.alertsServiceSearch".
func Pages(ctx context.Context, t ports.Transport, operation string, args any, options ...paging.Option) Records {
	op, err := catalog.Operation(operation, core.KindQuery)
	if err != nil {
		return failed(err)
	}
	return PagesOf(ctx, t, op, args, options...)
}

// PagesOf returns the records of all pages of an operation.
func PagesOf(ctx context.Context, t ports.Transport, op *core.Operation, args any, options ...paging.Option) Records {
	plan, found, err := catalog.Paging(op)
	if err == nil && !found {
		err = fmt.Errorf("%s does not page", op.Name)
	}
	if err != nil {
		return failed(err)
	}
	return paging.Raw(ctx, t, plan, args, options...)
}

// Call returns the result of an operation.
func Call(ctx context.Context, t ports.Transport, operation string, args any) (json.RawMessage, error) {
	op, err := catalog.Operation(operation)
	if err != nil {
		return nil, err
	}
	var result json.RawMessage
	err = t.Execute(ctx, &core.Request{Operation: op, Args: args}, &result)
	return result, err
}

func failed(err error) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) { yield(nil, err) }
}
