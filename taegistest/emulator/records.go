package emulator

import (
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// Defaults of a [Corpus].
const (
	DefaultResults = 25 // records of each kind
	DefaultSpan    = 12 * time.Hour
)

// Corpus defines the number and the times of the records that searches find and mutations change.
// They are generated from the seed when a request reads them, so that a million records cost
// neither time nor memory at the start. Equal values, including Start, result in equal records.
//
// Each account's tenant has its own records. Unless the field's comment differs, zero selects
// [DefaultResults] for a number, and a negative number selects none.
type Corpus struct {
	// Seed selects the records. Zero is a valid seed.
	Seed uint64
	// Tenants is the number of child tenants of an account's tenant, which own most of the records.
	// Zero selects none.
	Tenants int
	// Alerts, Events, Cases, Assets, Audits, Users and Rules are the numbers of records. Cases are
	// the investigations of all versions of that service.
	Alerts, Events, Cases, Assets, Audits, Users, Rules int
	// Comments and Files are the largest numbers of each case. Zero selects 3 and 2.
	Comments, Files int
	// Rows is the number of rows of every other list with pages.
	Rows int

	// Start is the time to which the times of the records are relative. Zero selects the time of
	// [New], or of the change by [Emulator.Configure].
	Start time.Time
	// Span is the period before the start in which the records were created. Zero selects
	// [DefaultSpan]. A search without EARLIEST covers 24 hours.
	Span time.Duration
	// Ahead is a period after the start in which records are created too. They appear when the
	// clock has passed their time.
	Ahead time.Duration
	// Late makes one in ten records arrive late: it appears up to that long after its creation, by
	// its inserted_at or ingest_time_usec.
	Late time.Duration
	// Burst is the number of records that share their time of creation. Zero selects 1.
	Burst int
}

func (c Corpus) withDefaults() Corpus {
	for _, n := range []*int{&c.Alerts, &c.Events, &c.Cases, &c.Assets, &c.Audits, &c.Users, &c.Rules, &c.Rows} {
		*n = max(orDefault(*n, DefaultResults), 0)
	}
	c.Tenants = max(c.Tenants, 0)
	c.Comments, c.Files = max(orDefault(c.Comments, 3), 0), max(orDefault(c.Files, 2), 0)
	c.Span, c.Burst = orDefault(c.Span, DefaultSpan), max(c.Burst, 1)
	return c
}

// size returns the size of the records of a tenant, if the emulator starts at a time.
func (c Corpus) size(start time.Time) corpus.Size {
	c = c.withDefaults()
	return corpus.Size{
		Seed: c.Seed, Tenants: c.Tenants, Alerts: c.Alerts, Events: c.Events, Cases: c.Cases,
		Assets: c.Assets, Audits: c.Audits, Users: c.Users, Rules: c.Rules,
		Comments: c.Comments, Files: c.Files,
		Start: start.Add(-c.Span).UTC(), Span: c.Span + c.Ahead, Late: c.Late, Burst: c.Burst,
	}
}

// corpora holds the records by the ID of their root tenant.
type corpora struct {
	mu     sync.Mutex
	size   Corpus
	start  time.Time
	byRoot map[string]*corpus.Corpus
}

// reset drops all records, and makes those of a size that start at a time.
func (c *corpora) reset(size Corpus, start time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.size, c.start, c.byRoot = size, orDefault(size.Start, start), map[string]*corpus.Corpus{}
}

// of returns the records that contain a tenant: those of [DemoTenant] if it is one of its
// children, else its own.
func (c *corpora) of(tenant string) *corpus.Corpus {
	c.mu.Lock()
	defer c.mu.Unlock()
	if demo := c.root(DemoTenant); demo.HasTenant(tenant) {
		return demo
	}
	return c.root(tenant)
}

// root returns the records of a root tenant; the caller holds mu.
func (c *corpora) root(tenant string) *corpus.Corpus {
	records := c.byRoot[tenant]
	if records == nil {
		records = corpus.New(tenant, c.size.size(c.start))
		c.byRoot[tenant] = records
	}
	return records
}

// scope is the part of the records that a request may see.
type scope struct {
	*corpus.Corpus
	tenant string // all tenants if it is the root
	now    time.Time
}

// sees reports whether the scope contains the records of a tenant.
func (s scope) sees(tenant string) bool { return s.tenant == s.Root || s.tenant == tenant }

// tenants returns the numbers of the tenants in the scope; see [corpus.Corpus.TenantAt].
func (s scope) tenants() []int {
	var list []int
	for number := range s.Tenants + 1 {
		if t := s.TenantAt(number); s.sees(t.ID) {
			list = append(list, number)
		}
	}
	return list
}

// scope returns what the request may see. It returns false if the tenant context is neither the
// tenant of the token's account nor one of its children.
func (x *exchange) scope(o owner) (scope, bool) {
	if o.platform == core.PlatformFusion {
		return x.fusionScope(o)
	}
	records := x.e.corpora.of(o.tenant)
	s := scope{Corpus: records, tenant: o.tenant, now: x.config.Now()}
	switch asked := x.tenant(); {
	case asked == "", asked == o.tenant:
		return s, true
	case s.tenant == s.Root && records.HasTenant(asked):
		s.tenant = asked
		return s, true
	}
	return s, x.config.AnyTenant
}
