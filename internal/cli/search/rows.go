package search

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Rows returns the elements of the list at a path in a result, for example "alerts.list". Null and
// absent lists are empty, and null elements are left out.
func Rows(result json.RawMessage, path ...string) ([]json.RawMessage, error) {
	for _, name := range path {
		if isNull(result) {
			return nil, nil
		}
		var object map[string]json.RawMessage
		if err := json.Unmarshal(result, &object); err != nil {
			return nil, fmt.Errorf("the result is not an object: %w", err)
		}
		result = object[name]
	}
	if isNull(result) {
		return nil, nil
	}
	var list []json.RawMessage
	if err := json.Unmarshal(result, &list); err != nil {
		return nil, fmt.Errorf("the result is not a list: %w", err)
	}
	kept := list[:0]
	for _, row := range list {
		if !isNull(row) {
			kept = append(kept, row)
		}
	}
	return kept, nil
}

// first returns at most limit of the records, all for 0.
func first(limit int, records Records) Records {
	if limit == 0 {
		return records
	}
	return func(yield func(json.RawMessage, error) bool) {
		left := limit
		for record, err := range records {
			if left--; !yield(record, err) || left == 0 {
				return
			}
		}
	}
}

// Text returns the text of a record's field, "" if it has none.
func Text(record json.RawMessage, field string) string {
	var object map[string]json.RawMessage
	var text string
	if json.Unmarshal(record, &object) != nil || json.Unmarshal(object[field], &text) != nil {
		return ""
	}
	return text
}

// ID returns the text of the field id.
func ID(record json.RawMessage) string { return Text(record, "id") }

func isNull(value json.RawMessage) bool {
	return len(value) == 0 || bytes.Equal(bytes.TrimSpace(value), []byte("null"))
}
