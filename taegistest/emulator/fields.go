package emulator

import (
	"time"
)

// row is an object with its own values. A field without a value is null.
type row map[string]any

func (r row) resolve(field string, _ map[string]any) (any, error) { return r[field], nil }

func (r row) typename() string {
	name, _ := r["__typename"].(string)
	return name
}

// timestamp is a time as the type Timestamp.
type timestamp time.Time

func (t timestamp) resolve(field string, _ map[string]any) (any, error) {
	switch field {
	case "seconds":
		return time.Time(t).Unix(), nil
	case "nanos":
		return time.Time(t).Nanosecond(), nil
	}
	return nil, nil
}

// timestampOf returns a time as the type Timestamp, nil for a zero time.
func timestampOf(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return timestamp(t)
}

// rows converts a list to the items of a list field.
func rows[T any](items []T, convert func(T) any) []any {
	list := make([]any, len(items))
	for i, item := range items {
		list[i] = convert(item)
	}
	return list
}

// references returns objects that have only an ID.
func references(ids []string) []any {
	return rows(ids, func(id string) any { return row{"id": id} })
}
