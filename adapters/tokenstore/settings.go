package tokenstore

import (
	"context"
	"errors"
	"slices"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/inifile"
)

// InvalidError is returned by [File.Set] for a section, key or value that the file cannot store. It
// does not contain the value, which may be secret.
type InvalidError struct {
	// What is "section", "key" or "value".
	What string
	// Reason is the reason for which the file cannot store it.
	Reason string
}

func (e *InvalidError) Error() string { return "the " + e.What + " " + e.Reason }

// Get returns the value of a key, from its section or else from [DEFAULT], and whether there is
// one. The case of keys does not matter.
func (f *File) Get(ctx context.Context, section, key string) (value string, ok bool, err error) {
	err = f.look(ctx, func(content *inifile.File) bool {
		value, ok = content.Get(section, key)
		return ok
	})
	return value, ok, err
}

// Set sets the value of a key. It returns an [*InvalidError] for a section, key or value that the
// file cannot store.
func (f *File) Set(ctx context.Context, section, key, value string) error {
	err := f.edit(ctx, func(content *inifile.File) error { return content.Set(section, key, value) })
	if invalid, ok := errors.AsType[*inifile.InvalidError](err); ok {
		return (*InvalidError)(invalid)
	}
	return err
}

// Unset removes a key from its section. Removing a missing key is not an error.
func (f *File) Unset(ctx context.Context, section, key string) error {
	return f.edit(ctx, func(content *inifile.File) error {
		content.Unset(section, key)
		return nil
	})
}

// Snapshot reads the whole file at once. If the file does not exist, the snapshot is empty.
func (f *File) Snapshot(ctx context.Context) (Snapshot, error) {
	var s Snapshot
	err := f.look(ctx, func(content *inifile.File) bool {
		s.file = content
		return true
	})
	return s, err
}

// Snapshot is the content of the file at one moment. Its zero value is an empty file.
type Snapshot struct{ file *inifile.File }

// Get returns the value of a key, from its section or else from [DEFAULT], and whether there is
// one. The case of keys does not matter.
func (s Snapshot) Get(section, key string) (string, bool) {
	if s.file == nil {
		return "", false
	}
	return s.file.Get(section, key)
}

// Sections returns the names of the sections in the order of the file, DEFAULT included.
func (s Snapshot) Sections() []string {
	if s.file == nil {
		return nil
	}
	return s.file.Sections()
}

// SectionsFor returns the sections that belong to an environment: first the section of its own
// name, then those of its other names. The case of names does not matter.
func (s Snapshot) SectionsFor(env core.Environment) []string {
	if s.file == nil {
		return nil
	}
	list := sectionsOf(s.file, env.Section())
	for _, section := range sectionsOf(s.file, env.Name) { // under universal authentication too
		if !slices.Contains(list, section) {
			list = append(list, section)
		}
	}
	return list
}

// Keys returns the section's own keys, in lower case and in the order of the file.
func (s Snapshot) Keys(section string) []string {
	if s.file == nil {
		return nil
	}
	return s.file.Keys(section)
}
