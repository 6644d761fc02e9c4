package search

import (
	"encoding/json"
	"errors"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
)

// lacksOperation reports whether err means that the server does not have the operation.
func lacksOperation(err error) bool {
	schema, ok := errors.AsType[*core.SchemaError](err)
	return ok && schema.NoOperation
}

// Fallback returns the records of an operation, or those of another one if the server lacks it. Which
// one it has is remembered for a day.
func Fallback(client *taegis.Client, operation string, records, other Records) Records {
	return func(yield func(json.RawMessage, error) bool) {
		if !isAbsent(client, operation) {
			if !Lacking(records, yield) {
				return
			}
			setAbsent(client, operation, true)
		}
		for record, err := range other {
			if lacksOperation(err) {
				setAbsent(client, operation, false) // the next run asks for both
			}
			if !yield(record, err) || err != nil {
				return
			}
		}
	}
}

// Lacking yields records, unless the server lacks their operation. It reports whether it does.
func Lacking(records Records, yield func(json.RawMessage, error) bool) bool {
	for record, err := range records {
		if lacksOperation(err) {
			return true
		}
		if !yield(record, err) || err != nil {
			return false
		}
	}
	return false
}

// FallbackCall calls get for an operation, and the other function if the server lacks it.
func FallbackCall[T any](client *taegis.Client, operation string, get, other func() (T, error)) (T, error) {
	if isAbsent(client, operation) {
		return other()
	}
	result, err := get()
	if lacksOperation(err) {
		setAbsent(client, operation, true)
		return other()
	}
	return result, err
}
