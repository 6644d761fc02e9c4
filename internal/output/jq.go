package output

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/itchyny/gojq"
)

// JQ is a filter in the language of jq. It gets each record and may make any number of records of
// it.
type JQ struct {
	text string
	code *gojq.Code
}

// ParseJQ compiles a filter. Its error names the position of a mistake.
func ParseJQ(filter string) (*JQ, error) {
	query, err := gojq.Parse(filter)
	if err != nil {
		if e, ok := errors.AsType[*gojq.ParseError](err); ok {
			return nil, fmt.Errorf("%w at byte %d", err, e.Offset)
		}
		return nil, err
	}
	code, err := gojq.Compile(query)
	return &JQ{filter, code}, err
}

// String returns the text of the filter.
func (q *JQ) String() string { return q.text }

// run passes what the filter makes of a record to emit. It returns false if the filter halts. A
// number that the filter does not calculate with keeps its digits; members are in alphabetical
// order.
func (q *JQ) run(ctx context.Context, record []byte, emit func([]byte) error) (more bool, err error) {
	decoder := json.NewDecoder(bytes.NewReader(record))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return false, err
	}
	results := q.code.RunWithContext(ctx, value)
	for {
		result, ok := results.Next()
		if !ok {
			return true, nil
		}
		if err, ok := result.(error); ok {
			if halt, ok := errors.AsType[*gojq.HaltError](err); ok && halt.Value() == nil {
				return false, nil
			}
			if ctx.Err() != nil {
				return false, context.Cause(ctx)
			}
			return false, fmt.Errorf("the filter of --jq failed: %w", err)
		}
		made, err := gojq.Marshal(result)
		if err == nil {
			err = emit(made)
		}
		if err != nil {
			return false, err
		}
	}
}
