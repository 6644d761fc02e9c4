package paging_test

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/paging"
)

// states is a transport that returns each state once, the last one again and again.
type states struct {
	list  []string
	fails error
	calls int
}

func (s *states) Execute(_ context.Context, req *core.Request, out any) error {
	if !reflect.DeepEqual(req.Required, []string{"state"}) || req.Args != "task-1" {
		return errors.New("another request")
	}
	s.calls++
	if s.fails != nil {
		return s.fails
	}
	return json.Unmarshal([]byte(s.list[min(s.calls, len(s.list))-1]), out)
}

func (*states) Subscribe(context.Context, *core.Request) iter.Seq2[json.RawMessage, error] {
	return nil
}

var waiter = paging.Waiter[string, []string]{
	Operation: &core.Operation{Name: "task"}, Required: []string{"state"},
	Running: []string{"QUEUED", "RUNNING"}, Succeeded: []string{"DONE", ""},
	States: func(result []string) []string { return result },
}

func TestWaiter(t *testing.T) {
	for name, test := range map[string]struct {
		answers []string
		calls   int
		state   string // of the error
		fails   bool
	}{
		"done at once":        {answers: []string{`["DONE"]`}, calls: 1},
		"done later":          {answers: []string{`["QUEUED"]`, `["RUNNING"]`, `["DONE"]`}, calls: 3},
		"one part runs":       {answers: []string{`["DONE","RUNNING"]`, `["DONE",""]`}, calls: 2},
		"one part failed":     {answers: []string{`["DONE","FAILED"]`}, calls: 1, state: "FAILED", fails: true},
		"failed, others run":  {answers: []string{`["FAILED","RUNNING"]`, `["FAILED","DONE"]`}, calls: 2, state: "FAILED", fails: true},
		"a state of tomorrow": {answers: []string{`["QUEUED"]`, `["MOVED"]`}, calls: 2, state: "MOVED", fails: true},
		"no work":             {answers: []string{`null`}, calls: 1, fails: true},
	} {
		synctest.Test(t, func(t *testing.T) {
			server := &states{list: test.answers}
			_, err := waiter.Wait(t.Context(), server, "task-1")
			failed, ok := errors.AsType[*paging.WorkError](err)
			if server.calls != test.calls || ok != test.fails || ok && failed.State != test.state || !ok && err != nil {
				t.Errorf("%s: %d calls, %v", name, server.calls, err)
			}
		})
	}
}

func TestWaiterEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if _, err := waiter.Wait(t.Context(), &states{fails: errOutage}, "task-1"); !errors.Is(err, errOutage) {
			t.Error(err)
		}
		reason := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(5*time.Second, func() { cancel(reason) })
		result, err := waiter.Wait(ctx, &states{list: []string{`["RUNNING"]`}}, "task-1")
		if !errors.Is(err, reason) || len(result) != 1 {
			t.Errorf("%q, %v", result, err)
		}
	})
}
