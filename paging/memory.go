package paging

// memory holds the keys of the rows of the latest pages, at least of two. It forgets older ones, so
// that a long run needs no more memory than a short one.
type memory struct {
	recent, older map[key]struct{}
	all           bool // keep everything
}

// fewestKeys is how many keys are kept at least.
const fewestKeys = 2048

// page makes room for the keys of a page.
func (m *memory) page(rows int) {
	if m.recent == nil {
		m.recent = map[key]struct{}{}
	}
	if !m.all && len(m.recent) >= max(fewestKeys, 2*rows) {
		m.older, m.recent = m.recent, map[key]struct{}{}
	}
}

func (m *memory) put(k key) {
	if m.recent == nil {
		m.recent = map[key]struct{}{}
	}
	m.recent[k] = struct{}{}
}

func (m *memory) add(list keys) {
	for _, k := range list {
		m.put(k)
	}
}

func (m *memory) has(k key) bool {
	if _, found := m.recent[k]; found {
		return true
	}
	_, found := m.older[k]
	return found
}
