package emulator

import (
	"errors"
	"strings"
)

// choice is a flag with a fixed set of values.
type choice[T comparable] struct {
	into   *T
	values []option[T] // the first is the default
}

type option[T comparable] struct {
	name  string
	value T
}

// Set stores the value with a name.
func (c *choice[T]) Set(name string) error {
	for _, o := range c.values {
		if o.name == name {
			*c.into = o.value
			return nil
		}
	}
	return errors.New("use one of " + c.names())
}

// String returns the name of the current value.
func (c *choice[T]) String() string {
	for _, o := range c.values {
		if c.into != nil && o.value == *c.into {
			return o.name
		}
	}
	return ""
}

// Type returns the type that the help shows.
func (c *choice[T]) Type() string { return "name" }

func (c *choice[T]) names() string {
	names := make([]string, len(c.values))
	for i, o := range c.values {
		names[i] = o.name
	}
	return strings.Join(names, ", ")
}
