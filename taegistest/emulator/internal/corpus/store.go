package corpus

import (
	"slices"
	"sync"
)

// Store holds the records of one kind: the generated ones by their index, then the added ones. It
// is safe for concurrent use. A record that it returns must not be changed.
type Store[T any] struct {
	n        int
	generate func(index int) *T

	mu      sync.RWMutex
	changed map[int]*T
	added   []*T
}

// Len returns the number of records.
func (s *Store[T]) Len() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.n + len(s.added)
}

// Generated returns the number of generated records.
func (s *Store[T]) Generated() int { return s.n }

// At returns a record by its index, nil if there is none.
func (s *Store[T]) At(index int) *T {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.at(index)
}

func (s *Store[T]) at(index int) *T {
	switch {
	case index < 0 || index >= s.n+len(s.added):
		return nil
	case index >= s.n:
		return s.added[index-s.n]
	}
	if record, changed := s.changed[index]; changed {
		return record
	}
	return s.generate(index)
}

// Update replaces a record by a copy that change has changed. It returns the new record, or nil if
// there is no record with the index. If change returns an error, the record stays as it is.
func (s *Store[T]) Update(index int, change func(*T) error) (*T, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	record := s.at(index)
	if record == nil {
		return nil, nil //nolint:nilnil // no record
	}
	next := *record
	if err := change(&next); err != nil {
		return record, err
	}
	if index >= s.n {
		s.added[index-s.n] = &next
		return &next, nil
	}
	if s.changed == nil {
		s.changed = map[int]*T{}
	}
	s.changed[index] = &next
	return &next, nil
}

// Add adds the record that create returns for its index.
func (s *Store[T]) Add(create func(index int) *T) *T {
	s.mu.Lock()
	defer s.mu.Unlock()
	record := create(s.n + len(s.added))
	s.added = append(s.added, record)
	return record
}

// Changed returns the indexes of changed records, in ascending order.
func (s *Store[T]) Changed() []int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := make([]int, 0, len(s.changed))
	for i := range s.changed {
		list = append(list, i)
	}
	slices.Sort(list)
	return list
}
