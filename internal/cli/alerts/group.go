package alerts

import (
	"bytes"
	"encoding/json"

	"github.com/taegis-go/taegis/cql"
	"github.com/taegis-go/taegis/internal/output"
)

// group is one group of an aggregation.
type group struct {
	Keys []struct {
		Key   string          `json:"key"`
		Value json.RawMessage `json:"value"`
	} `json:"keys"`
	Value json.RawMessage `json:"value"`
}

// row returns a record with the group's keys in their order, and its value under a name.
func (g group) row(name string) (json.RawMessage, error) {
	var row bytes.Buffer
	row.WriteByte('{')
	for _, key := range g.Keys {
		if err := member(&row, key.Key, key.Value); err != nil {
			return nil, err
		}
	}
	if err := member(&row, name, g.Value); err != nil {
		return nil, err
	}
	row.WriteByte('}')
	return row.Bytes(), nil
}

func member(row *bytes.Buffer, name string, value json.RawMessage) error {
	key, err := output.Encode(name)
	if err != nil {
		return err
	}
	if row.Len() > 1 {
		row.WriteByte(',')
	}
	row.Write(bytes.TrimSpace(key))
	row.WriteByte(':')
	if len(value) == 0 {
		value = json.RawMessage("null")
	}
	row.Write(value)
	return nil
}

// column returns the name of the query's first aggregation.
func column(query *cql.Query) string {
	for _, function := range query.Functions {
		if f, ok := function.(*cql.Aggregate); ok && len(f.Aggregations) > 0 {
			return f.Aggregations[0].Column()
		}
	}
	return "count"
}
