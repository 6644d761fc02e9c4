package taegis

import (
	"fmt"
	"reflect"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/setting"
)

// unusable returns the error of New for an option that cannot be used.
func unusable(option, reason string) error {
	return &core.ArgumentError{Operation: "New", Argument: option, Reason: reason}
}

// say sets a field, the option of which must not be empty, and marks its variable as overridden.
func (c *config) say(option string, field *string, value string) error {
	if setting.Text(value) == "" {
		return unusable(option, "it is empty; leave the option out for the default")
	}
	c.sayOrNone(field, value)
	return nil
}

// sayOrNone is say for an option that may be empty, which means none.
func (c *config) sayOrNone(field *string, value string) { *field, c.said[field] = value, true }

// present returns an error if the value of an option is nil, or an interface that holds a nil
// pointer, which would fail only when it is used.
func present(option string, value any) error {
	if isNil(value) {
		return unusable(option, "it is nil; leave the option out for the default")
	}
	return nil
}

// presentAll returns an error if a list is empty or one of its values is nil.
func presentAll[T any](option string, values []T) error {
	if len(values) == 0 {
		return unusable(option, "at least one is needed")
	}
	for i, value := range values {
		if isNil(value) {
			return unusable(option, fmt.Sprintf("number %d of %d is nil", i+1, len(values)))
		}
	}
	return nil
}

func isNil(value any) bool {
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Pointer, reflect.Func, reflect.Map, reflect.Chan, reflect.Slice, reflect.UnsafePointer:
		return v.IsNil()
	}
	return false
}
