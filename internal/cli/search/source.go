package search

import (
	"context"
	"encoding/json"
	"iter"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/cql"
	"github.com/taegis-go/taegis/internal/output"
	"github.com/taegis-go/taegis/paging"
)

// Records are the records of a search, in the server's order.
type Records = iter.Seq2[json.RawMessage, error]

// Source is a service that is searched by queries.
type Source struct {
	// Noun names its records, in the plural.
	Noun string
	// Service is the service that the query is checked for.
	Service cql.Service
	Columns []output.Column
	// MaxWindow is the longest time between the bounds of one request, 0 for any. Longer searches are
	// cut into windows.
	MaxWindow time.Duration
	// ServerHead is set if the server applies head, and ServerTail if it applies tail.
	ServerHead, ServerTail bool
	// Pages returns the records of one window. It does not change the query.
	Pages func(ctx context.Context, client *taegis.Client, query *cql.Query, options ...paging.Option) Records
	// NoGroups is set if the server ignores an aggregation and returns records.
	NoGroups bool
	// Groups returns the groups of a query with an aggregation. Nil means that Pages returns them.
	Groups func(ctx context.Context, client *taegis.Client, query *cql.Query) Records
	// Key returns the id of a record and its time in seconds since 1970, for sources with a
	// MaxWindow: neighboring windows share a second.
	Key func(record json.RawMessage) (id string, second int64)
}
