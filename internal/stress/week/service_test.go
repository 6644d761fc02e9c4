//go:build linux

package week_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/alerts"
)

// callers is how many tenants are polled at a time.
const callers = 32

// service is a program as the operators of a SOC would write it: one client polls the alerts of
// many tenants, resolves some of them, and follows a stream. What it keeps does not grow.
type service struct {
	client *taegis.Client
	alerts *alerts.Service
	clock  *clock
	// patience is how long a poll of one tenant may take.
	patience time.Duration

	tenants [tenants]tenant // each is one caller's at a time
	stream  follower

	mu          sync.Mutex
	again       []int // tenants whose poll failed
	failures    map[string]int
	adaptations int
}

// tenant is how far a tenant has come.
type tenant struct {
	seen      int // alerts, in their order
	misplaced int // alerts that were not the next one
	polled    time.Time
	longest   time.Duration // between two polls
	pending   []resolution
	resolved  int
}

// resolution is an alert to be resolved. Where an attempt has failed, it may be so already.
type resolution struct {
	alert  string
	unsure bool
}

func newService(client *taegis.Client, clock *clock) *service {
	s := &service{client: client, alerts: alerts.New(client), clock: clock, patience: time.Minute, failures: map[string]int{}}
	for n := range s.tenants {
		s.tenants[n].polled = clock.time()
	}
	s.stream.nudge = make(chan struct{}, 1)
	return s
}

// poll polls tenants, and those again whose last poll failed.
func (s *service) poll(ctx context.Context, due []int) {
	ctx = taegis.ContextWithAdaptations(ctx, func(core.Adaptation) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.adaptations++
	})
	s.mu.Lock()
	s.again, due = nil, distinct(due, s.again)
	s.mu.Unlock()
	queue := make(chan int)
	var working sync.WaitGroup
	for range min(callers, len(due)) {
		working.Go(func() {
			for n := range queue {
				s.pollOne(ctx, n)
			}
		})
	}
	for _, n := range due {
		queue <- n
	}
	close(queue)
	working.Wait()
}

// distinct returns all numbers of both lists once.
func distinct(lists ...[]int) (all []int) {
	var seen [tenants]bool
	for _, list := range lists {
		for _, n := range list {
			if !seen[n] {
				seen[n] = true
				all = append(all, n)
			}
		}
	}
	return all
}

// pollOne takes in what is new of a tenant, page by page, and resolves what is to be.
func (s *service) pollOne(ctx context.Context, n int) {
	ctx, cancel := context.WithTimeout(taegis.ContextWithTenant(ctx, tenantID(n)), s.patience)
	defer cancel()
	t := &s.tenants[n]
	err := s.takeIn(ctx, n, t)
	if err == nil {
		t.longest = max(t.longest, s.clock.time().Sub(t.polled))
		t.polled = s.clock.time()
		err = s.resolveAll(ctx, t)
	}
	if err != nil {
		s.note(err)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.again = append(s.again, n)
	}
}

func (s *service) takeIn(ctx context.Context, n int, t *tenant) error {
	for {
		page, err := s.page(ctx, t.seen)
		if err != nil {
			return err // what came of it is asked for again
		}
		for _, alert := range page {
			if alert.ID != alertID(tenantID(n), t.seen) {
				t.misplaced++
			}
			if toResolve(n, t.seen) {
				t.pending = append(t.pending, resolution{alert: alert.ID})
			}
			t.seen++
		}
		if len(page) < pageSize {
			return nil
		}
	}
}

// page returns the alerts from an offset on, all parts of them.
func (s *service) page(ctx context.Context, offset int) ([]*alerts.Alert2, error) {
	answer, err := s.alerts.AlertsServiceSearch(ctx, alerts.AlertsServiceSearchArgs{In: &alerts.SearchRequestInput{
		CQLQuery: new("from alert"), Offset: &offset, Limit: new(pageSize),
	}})
	if err != nil {
		return nil, err
	}
	page := answer.Alerts.List
	for part := 2; part <= answer.Alerts.TotalParts; part++ {
		more, err := s.alerts.AlertsServicePoll(ctx, alerts.AlertsServicePollArgs{In: &alerts.PollRequestInput{
			SearchID: &answer.SearchID, PartID: &part, //nolint:staticcheck // no replacement is known
		}})
		if err != nil {
			return nil, err
		}
		page = append(page, more.Alerts.List...)
	}
	return page[:min(len(page), pageSize)], nil
}

// resolveAll resolves what is pending of a tenant. A mutation that failed may have been executed
// all the same, which is looked up before it is sent again.
func (s *service) resolveAll(ctx context.Context, t *tenant) error {
	for len(t.pending) > 0 {
		next := &t.pending[0]
		done := false
		var err error
		if next.unsure {
			done, err = s.isResolved(ctx, next.alert)
		}
		if err == nil && !done {
			_, err = s.alerts.AlertsServiceUpdateResolutionInfo(ctx, alerts.AlertsServiceUpdateResolutionInfoArgs{
				In: &alerts.UpdateResolutionRequestInput{
					AlertIDs: []string{next.alert}, Reason: &next.alert, ResolutionStatus: new(alerts.ResolutionStatus("NOT_ACTIONABLE")),
				},
			})
			next.unsure = next.unsure || err != nil
		}
		if err != nil {
			return err
		}
		t.resolved++
		t.pending = t.pending[1:]
	}
	t.pending = nil // with what lies before its start
	return nil
}

func (s *service) isResolved(ctx context.Context, alert string) (bool, error) {
	answer, err := s.alerts.AlertsServiceSearch(ctx, alerts.AlertsServiceSearchArgs{In: &alerts.SearchRequestInput{
		CQLQuery: new(resolved + alert), Offset: new(0), Limit: new(1),
	}})
	if err != nil {
		return false, err
	}
	return len(answer.Alerts.List) > 0, nil
}

// note counts a failure by its kind, of which there are few.
func (s *service) note(err error) {
	kind := fmt.Sprintf("%T", err)
	answer, isAnswer := errors.AsType[*core.ResponseError](err)
	chain, isChain := errors.AsType[*core.ChainError](err)
	connection, isConnection := errors.AsType[*core.ConnectionError](err)
	switch {
	case isChain:
		kind = "no token: " + chain.Attempts[len(chain.Attempts)-1].Authenticator
	case isAnswer && len(answer.Errors) > 0:
		kind = "answer: " + answer.Errors[0].Message
	case isAnswer:
		kind = fmt.Sprintf("answer %d", answer.Status)
	case errors.Is(err, context.DeadlineExceeded):
		kind = "time limit"
	case isConnection && connection.Sent:
		kind = "connection, after sending"
	case isConnection:
		kind = "connection"
	}
	kind, _, _ = strings.Cut(kind, "\n")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures[kind]++
}

// follower follows the stream, and begins again if it has ended.
type follower struct {
	nudge chan struct{} // the time to try again

	mu         sync.Mutex
	last       int
	misplaced  int
	reconnects int
	changed    chan struct{}
}

// follow runs until the context ends.
func (s *service) follow(ctx context.Context) {
	f := &s.stream
	for ctx.Err() == nil {
		last, _ := f.seen()
		for message, err := range s.alerts.AlertsServiceBulkResolutionProcessor(ctx, alerts.AlertsServiceBulkResolutionProcessorArgs{
			In: &alerts.BulkResolutionRequestInput{Query: new(fmt.Sprintf(after+"%d", last)), Reason: new("following")},
		}) {
			if err != nil {
				if ctx.Err() == nil {
					s.note(err)
				}
				break
			}
			f.take(message.TotalDone)
		}
		f.mu.Lock()
		f.reconnects++
		f.mu.Unlock()
		select {
		case <-f.nudge:
		case <-ctx.Done():
		}
	}
}

func (f *follower) take(number int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if number != f.last+1 {
		f.misplaced++
	}
	f.last = number
	if f.changed != nil {
		close(f.changed)
		f.changed = nil
	}
}

// seen returns the latest number and a channel that the next one closes.
func (f *follower) seen() (int, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.changed == nil {
		f.changed = make(chan struct{})
	}
	return f.last, f.changed
}

// retry lets it try again where it waits.
func (f *follower) retry() {
	select {
	case f.nudge <- struct{}{}:
	default:
	}
}
