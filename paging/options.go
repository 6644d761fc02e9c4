package paging

// Option changes a run.
type Option func(*settings)

type settings struct {
	limit, size int
	prefetch    bool
	from        string
	track       *Cursor
	stats       *Stats
}

func settingsOf(opts []Option) *settings {
	s := &settings{}
	for _, option := range opts {
		option(s)
	}
	return s
}

// cursor is the cursor before the first row of the run.
func (s *settings) cursor() Cursor { return Cursor{text: s.from} }

// Limit ends the run after n rows, even if the server sends more. It counts the rows of this run
// only. An n of 0 or less means no limit. Without [Size], a limit below the default size becomes
// the size of a page.
func Limit(n int) Option { return func(s *settings) { s.limit = max(n, 0) } }

// Size sets the number of rows to request at a time. Without it, the size in the arguments applies,
// or else the default of the operation. Servers may return smaller pages.
func Size(n int) Option { return func(s *settings) { s.size = max(n, 0) } }

// Prefetch requests the next page while the caller processes the rows of the current one. It holds
// two pages in memory. It is off by default, because it may send a request that is not needed, and
// because rows are up to one page older when they are returned. Cursor and limit count only rows
// that were returned, so leaving the loop early loses nothing.
func Prefetch() Option { return func(s *settings) { s.prefetch = true } }

// From continues a run at a cursor of [Track], given as its text. The operation and its arguments
// must be the same; otherwise the run fails with an [*Error] that wraps a [*CursorError]. An empty
// text starts from the beginning. A run that had reached its end returns no more rows.
func From(cursor string) Option { return func(s *settings) { s.from = cursor } }

// Track keeps *cursor up to date. In the body of the loop, the cursor is after the current row, so
// store it when that row has been processed. After an error it is after the last row that was
// returned, and after the end of the run no rows follow it.
func Track(cursor *Cursor) Option { return func(s *settings) { s.track = cursor } }

// Count keeps *stats up to date. It is reset when the run starts.
func Count(stats *Stats) Option { return func(s *settings) { s.stats = stats } }

// Stats are the counts of a run.
type Stats struct {
	Rows       int // rows that were returned
	Duplicates int // rows that were dropped because they came before
	Requests   int // requests of pages that were taken, without retries of the transport
	// Total is the number of rows of all pages as the server counts them; 0 if it did not return
	// it.
	Total int
	// LowerBound is set if there may be more than Total rows.
	LowerBound bool
	// Truncated is set if the server left out rows.
	Truncated bool
	// Missing is the number of rows that Total includes but the server did not return by its last
	// page.
	Missing int
}

// add adds the numbers of a batch.
func (s *Stats) add(b Stats) {
	s.Duplicates += b.Duplicates
	s.Requests += b.Requests
	if b.Total > 0 {
		s.Total, s.LowerBound = b.Total, b.LowerBound
	}
	s.Truncated = s.Truncated || b.Truncated
	s.Missing = b.Missing
}
