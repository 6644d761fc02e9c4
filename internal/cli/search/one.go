package search

import (
	"context"
	"encoding/json"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// One returns the result of an operation as the only record, or no record for null and for an error
// that means that there is none.
func One(ctx context.Context, t ports.Transport, operation string, args any) ([]json.RawMessage, error) {
	result, err := Call(ctx, t, operation, args)
	switch {
	case core.IsNotFound(err), err == nil && isNull(result):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return []json.RawMessage{result}, nil
}
