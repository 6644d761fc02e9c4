package emulator

import (
	"slices"
	"sync"
)

// violations holds what clients did that they must never do.
type violations struct {
	mu   sync.Mutex
	list []string
}

// violate records a violation.
func (e *Emulator) violate(what string) {
	e.violations.mu.Lock()
	defer e.violations.mu.Unlock()
	e.violations.list = append(e.violations.list, what)
}

// Violations returns the forbidden requests of clients: those that sent a token or a tenant to the
// host of a file's URL, or a token or the tenant's header of one platform to the other. A server
// from package taegistest fails its test for each.
func (e *Emulator) Violations() []string {
	e.violations.mu.Lock()
	defer e.violations.mu.Unlock()
	return slices.Clone(e.violations.list)
}
