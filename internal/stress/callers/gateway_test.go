package callers_test

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/taegis-go/taegis/core"
)

// call is a request's Args: what the gateway notes of it. No two tries of one call may overlap,
// which the race detector sees.
type call struct {
	want     identity // whose token it has to carry
	tenant   string
	sent     int
	executed int
}

var (
	query    = &core.Operation{Name: "callers", Kind: core.KindQuery}
	mutation = &core.Operation{Name: "call", Kind: core.KindMutation}
	denied   = &core.Operation{Name: "denied", Kind: core.KindMutation}
)

// gateway is the wire of calls: it accepts the tokens of the login server.
type gateway struct {
	counters   *counters
	slowest    time.Duration // the way to it, and the way back, take up to this
	rejectsAll atomic.Bool

	calls   atomic.Int64
	strange atomic.Int64 // calls with the token of another identity, or for another tenant
	expired atomic.Int64 // calls with a token that had expired when it was looked at
}

func (g *gateway) Execute(ctx context.Context, req *core.Request, _ any) error {
	c := req.Args.(*call)
	c.sent++
	g.calls.Add(1)
	token := req.Token.Reveal()
	if err := g.travel(ctx, req); err != nil {
		return err
	}
	rejection := g.check(token, req, c)
	if err := g.travel(ctx, req); err != nil {
		return err
	}
	return rejection
}

func (g *gateway) Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		if err := g.Execute(ctx, req, nil); err != nil {
			yield(nil, err)
			return
		}
		_ = yield(json.RawMessage(`1`), nil) && yield(json.RawMessage(`2`), nil)
	}
}

// travel takes a part of the time that a call takes.
func (g *gateway) travel(ctx context.Context, req *core.Request) error {
	if g.slowest == 0 {
		return nil
	}
	way := time.NewTimer(rand.N(g.slowest))
	defer way.Stop()
	select {
	case <-way.C:
		return nil
	case <-ctx.Done():
		return &core.ConnectionError{Operation: req.Operation.Name, Sent: true, Err: context.Cause(ctx)}
	}
}

// check executes a call, or returns its rejection.
func (g *gateway) check(token string, req *core.Request, c *call) error {
	l := g.counters
	l.mu.Lock()
	defer l.mu.Unlock()
	known, ok := l.grants[token]
	if !ok || known.identity != c.want || req.Tenant != c.tenant {
		g.strange.Add(1)
		return errors.New("a call with another account's data")
	}
	if !time.Now().Before(known.expires) {
		g.expired.Add(1)
	}
	if known.revoked || g.rejectsAll.Load() || req.Operation == denied {
		return &core.ResponseError{Operation: req.Operation.Name, Status: 401, Err: core.ErrUnauthorized}
	}
	c.executed++
	return nil
}
