package fleet

import "sync"

// Option changes how [ForEach], [Collect] and [Rows] work.
type Option func(*settings)

// InOrder yields the results in the order of the tenants. The work is done at the same time
// nevertheless, but a tenant waits with its values until those before it are taken.
func InOrder() Option { return func(s *settings) { s.ordered = true } }

// OnProgress calls report whenever a tenant begins or ends. Calls do not overlap.
func OnProgress(report func(Progress)) Option { return func(s *settings) { s.report = report } }

// Progress is how far the work is.
type Progress struct {
	Total   int // tenants
	Running int
	Done    int // those that failed or were not called included
	Failed  int // those that were not called included
	Latest  Tenant
}

// settings are the settings of a run.
type settings struct {
	ordered bool
	report  func(Progress)

	mu       *sync.Mutex
	progress *Progress
}

func settingsOf(opts []Option, total int) settings {
	s := settings{mu: &sync.Mutex{}, progress: &Progress{Total: total}}
	for _, opt := range opts {
		opt(&s)
	}
	return s
}

// began reports that a tenant begins.
func (s *settings) began(t Tenant) {
	s.change(func(p *Progress) { p.Running, p.Latest = p.Running+1, t })
}

// ended reports that a tenant has ended. One that was not called has not begun.
func (s *settings) ended(t Tenant, wasCalled, failed bool) {
	s.change(func(p *Progress) {
		p.Latest = t
		p.Done++
		if wasCalled {
			p.Running--
		}
		if failed {
			p.Failed++
		}
	})
}

func (s *settings) change(change func(*Progress)) {
	if s.report == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s.progress)
	s.report(*s.progress)
}
