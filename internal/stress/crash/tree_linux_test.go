package crash_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// tree is what is on a disk: files by their paths, and folders by theirs with a slash behind.
type tree map[string]string

// key is the same for the same trees.
func (t tree) key() string {
	var key strings.Builder
	for _, path := range slices.Sorted(maps.Keys(t)) {
		fmt.Fprintf(&key, "%q %q ", path, t[path])
	}
	return key.String()
}

// write makes the tree real.
func (t tree) write(dir string) error {
	for _, path := range slices.Sorted(maps.Keys(t)) {
		var err error
		if strings.HasSuffix(path, "/") {
			err = os.MkdirAll(filepath.Join(dir, path), 0o700)
		} else {
			err = os.WriteFile(filepath.Join(dir, path), []byte(t[path]), 0o600)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// mostPending bounds how much may be uncertain at once in a file or in a folder: the states double
// with each.
const mostPending = 12

var errTooMany = errors.New("more changes than the model can follow have not been synced")

// afterPowerFailure returns every tree that may be found if the power fails now.
func (m *model) afterPowerFailure() ([]tree, error) { return m.root.survivors(".") }

// survivors returns what may be left of a node at path.
func (n *node) survivors(path string) ([]tree, error) {
	if n.names == nil {
		return n.remnants(path)
	}
	var all []tree
	seen := map[string]bool{}
	for changes := range subsets(n.changes) {
		trees := []tree{{path + "/": ""}}
		for name, child := range n.linked(changes) {
			below, err := child.survivors(filepath.Join(path, name))
			if err != nil {
				return nil, err
			}
			trees = product(trees, below)
		}
		for _, t := range trees {
			if key := t.key(); !seen[key] {
				seen[key] = true
				all = append(all, t)
			}
		}
	}
	if len(n.changes) > mostPending {
		return nil, fmt.Errorf("%s: %w", path, errTooMany)
	}
	return all, nil
}

// remnants returns what may be left of a file.
func (n *node) remnants(path string) ([]tree, error) {
	if strings.HasSuffix(path, ".lock") {
		return []tree{{path: string(edited(n.data, n.edits))}}, nil // nothing follows from what is in it
	}
	if len(n.edits) > mostPending {
		return nil, fmt.Errorf("%s: %w", path, errTooMany)
	}
	contents := map[string]bool{}
	for edits := range subsets(n.edits) {
		for _, torn := range truncate(edits) {
			contents[string(edited(n.data, torn))] = true
		}
	}
	var all []tree
	for _, content := range slices.Sorted(maps.Keys(contents)) {
		all = append(all, tree{path: content})
	}
	return all, nil
}

// truncate returns the edits whole, and with a part of the last one, with its length and a part of
// its bytes, and with its length alone.
func truncate(edits []edit) [][]edit {
	all := [][]edit{edits}
	if len(edits) == 0 {
		return all
	}
	last := edits[len(edits)-1]
	half := len(last.data) / 2
	if half == 0 {
		return all
	}
	for _, data := range [][]byte{
		last.data[:half],
		append(slices.Clone(last.data[:half]), make([]byte, len(last.data)-half)...),
		make([]byte, len(last.data)),
	} {
		all = append(all, append(slices.Clone(edits[:len(edits)-1]), edit{last.at, data}))
	}
	return all
}

// subsets yields every choice among all, each in its order.
func subsets[T any](all []T) func(yield func([]T) bool) {
	return func(yield func([]T) bool) {
		for mask := range 1 << min(len(all), mostPending) {
			var chosen []T
			for i, one := range all {
				if mask>>i&1 == 1 {
					chosen = append(chosen, one)
				}
			}
			if !yield(chosen) {
				return
			}
		}
	}
}

// product joins every tree with every tree.
func product(left, right []tree) []tree {
	var all []tree
	for _, l := range left {
		for _, r := range right {
			both := maps.Clone(l)
			maps.Copy(both, r)
			all = append(all, both)
		}
	}
	return all
}
