package export_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
)

// auditServer is a transport that answers searchAudits from memory, on the clock of the program.
type auditServer struct {
	ahead time.Duration // of the server's clock
	fail  func() error

	mu   sync.Mutex
	rows []auditRow
	asks int
}

type auditRow struct {
	ID       string    `json:"id"`
	Time     time.Time `json:"timestamp"`
	inserted time.Time
}

func (s *auditServer) now() time.Time { return time.Now().Add(s.ahead).UTC() }

// asked returns the number of requests.
func (s *auditServer) asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asks
}

func (s *auditServer) insert(id string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = append(s.rows, auditRow{ID: id, Time: at.UTC(), inserted: s.now()})
}

func (s *auditServer) Execute(ctx context.Context, req *core.Request, out any) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asks++
	req.OnResponse(core.Response{Status: 200, Date: s.now().Truncate(time.Second)})
	if s.fail != nil {
		if err := s.fail(); err != nil {
			return err
		}
	}
	text, err := json.Marshal(req.Args)
	if err != nil {
		return err
	}
	var args struct {
		In struct {
			After, Before time.Time
			Offset, Limit int
		} `json:"auditSearchInput"`
	}
	if err := json.Unmarshal(text, &args); err != nil {
		return err
	}
	found := []auditRow{}
	for _, r := range s.rows {
		if !r.Time.Before(args.In.After) && !r.Time.After(args.In.Before) && !r.inserted.After(s.now()) {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b auditRow) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.ID, b.ID)) })
	total := len(found)
	found = found[min(args.In.Offset, total):]
	found = found[:min(args.In.Limit, len(found))]
	answer, err := json.Marshal(map[string]any{"audits": found, "totalResults": total, "relation": "eq"})
	if err != nil {
		return err
	}
	return json.Unmarshal(answer, out)
}

func (s *auditServer) Subscribe(context.Context, *core.Request) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) { yield(nil, errors.New("not used")) }
}
