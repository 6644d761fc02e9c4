package emulator

import "time"

// Behavior selects among the known behaviors of servers. The zero value selects those that
// docs/protocol.md describes as documented or as most common.
type Behavior struct {
	// Parts selects how a poll for alerts chooses its part.
	Parts PartRule
	// PartSize is the number of alerts in a part of a search. Zero selects a third of the results,
	// but at least 10 and at most 10,000.
	PartSize int
	// OverLimit fills the last part of a search with alerts beyond the limit.
	OverLimit bool
	// QueryErrorsInBand reports an invalid query for alerts with the status INVALID_REQUEST and a
	// reason, instead of in errors.
	QueryErrorsInBand bool

	// FirstPageZero numbers the pages from 0 in all lists for which the first page is not known,
	// for example in commentsV2. Otherwise their first page is 1.
	FirstPageZero bool
	// RefusePageZero refuses page 0 if the first page is 1. Otherwise it is the first page too.
	RefusePageZero bool
	// NoRowsError sends the error "no rows" instead of an empty page of rules.
	NoRowsError bool
	// MetricsFail makes a selection of metric or metrics of a case fail.
	MetricsFail bool

	// Polls is the number of requests for the state of background work before it is finished. Zero
	// selects 2; with a negative number, the work finishes at once.
	Polls int
	// FailEvery makes every FailEvery-th item of bulk work fail. With zero, all items succeed.
	FailEvery int
	// FailTypes are types of events for which every search fails.
	FailTypes []string

	// MaxEventRows is the largest number of rows of an event query, for all of its pages. Zero
	// selects 100,000.
	MaxEventRows int
	// SearchLifetime is how long the results of an event query or search can be fetched. Zero
	// selects one hour.
	SearchLifetime time.Duration
	// AuditCeiling is the maximum sum of offset and limit of a request for audits. Larger requests
	// are refused. Zero disables the limit.
	AuditCeiling int

	// PlainTextNames refuses the upload of a log file if its name does not end in .log, .txt, .csv
	// or .json.
	PlainTextNames bool
	// UploadLifetime is how long the URL of a file can be used. Zero selects 15 minutes.
	UploadLifetime time.Duration
	// NoConditions ignores the If-None-Match header of an upload, so that it replaces what is
	// stored.
	NoConditions bool

	// StepUp are the operations that are refused until the user has authenticated again.
	StepUp []string
	// Limit bounds the requests of each account.
	Limit RateLimit
}

// PartRule selects how a poll for alerts chooses its part.
type PartRule int

// The values of [Behavior].Parts.
const (
	// PartsEither sends the part with the number part_id, or without a number the next one.
	PartsEither PartRule = iota
	// PartsAdvance ignores part_id: each poll moves on by one part.
	PartsAdvance
	// PartsNumbered requires part_id.
	PartsNumbered
)

// RateLimit bounds the requests of each account to GraphQL gateways. Requests beyond it receive
// status 429.
type RateLimit struct {
	// Requests is the size of the bucket, which is full at the start. Zero disables the limit.
	Requests int
	// Window is the time in which an empty bucket fills up. Zero selects one second.
	Window time.Duration
	// NoRetryAfter omits the Retry-After header, which has whole seconds otherwise.
	NoRetryAfter bool
}

// polls returns how many requests see background work unfinished.
func (b *Behavior) polls() int { return max(orDefault(b.Polls, 2), 0) }

// fails reports whether the item with a number, from 1, of bulk work fails.
func (b *Behavior) fails(number int) bool { return b.FailEvery > 0 && number%b.FailEvery == 0 }
