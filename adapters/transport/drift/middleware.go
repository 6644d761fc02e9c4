package drift

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// Config configures [Middleware]. The zero value stores adaptations in memory only.
type Config struct {
	// Dir is the folder in which adaptations are stored for other processes. It is created when the
	// first adaptation is stored. Empty disables it. See [DefaultDir].
	Dir string
	// Logger logs each adapted operation once. Nil selects [slog.Default].
	Logger *slog.Logger
	// Now returns the time. Nil selects [time.Now].
	Now func() time.Time
}

// DefaultDir returns the folder taegis/drift in the user's cache folder, or "" if the user has
// none.
func DefaultDir() string {
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(cache, "taegis", "drift")
}

// Middleware returns middleware that adapts operations to servers with another schema. Place it
// below the middleware that adds the token, because fetching the schema needs one, and below the
// middleware that retries requests, because some servers reject a document with a status that looks
// like a temporary failure.
//
// If an operation cannot be adapted without omitting something that the caller set, or cannot
// return the result that it is called for, calls return a [*core.SchemaError] and nothing was
// executed.
func Middleware(config Config) ports.Middleware {
	logger := cmp.Or(config.Logger, slog.Default())
	now := config.Now
	if now == nil {
		now = time.Now
	}
	return func(next ports.Transport) ports.Transport {
		return &adapter{
			next:    next,
			logger:  logger,
			memory:  memory{dir: config.Dir, now: now, logger: logger},
			schemas: schemas{now: now},
		}
	}
}

type adapter struct {
	next       ports.Transport
	logger     *slog.Logger
	memory     memory
	schemas    schemas
	inProgress attempts
}

// Execute sends a query or mutation; see [ports.Transport] and [Middleware].
func (a *adapter) Execute(ctx context.Context, req *core.Request, out any) error {
	if req.Operation.Kind.REST() {
		return a.next.Execute(ctx, req, out) // it has no schema
	}
	return a.run(ctx, req, func(req *core.Request, works func()) error {
		err := a.next.Execute(ctx, req, out)
		if executed(err) {
			works()
		}
		return err
	})
}

// executed reports whether the server executed the operation, with or without errors.
func executed(err error) bool {
	if err == nil {
		return true
	}
	answer, ok := errors.AsType[*core.ResponseError](err)
	return ok && (answer.Partial || answer.Evidence == core.EvidenceExecuted)
}

// Subscribe starts a subscription; see [ports.Transport] and [Middleware].
func (a *adapter) Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		err := a.run(ctx, req, func(req *core.Request, works func()) error {
			begun := false
			for message, err := range a.next.Subscribe(ctx, req) {
				if !begun && err != nil && (message == nil || rejection(err) != nil) {
					return err
				}
				if !begun {
					works()
				}
				begun = true
				if !yield(message, err) {
					break
				}
			}
			return nil
		})
		if err != nil {
			yield(nil, err)
		}
	}
}

// send sends a request and calls works when the server has accepted the document.
type send func(req *core.Request, works func()) error

// run sends a request, and adapts its operation if the server rejects the document.
func (a *adapter) run(ctx context.Context, req *core.Request, send send) error {
	if req.Document != "" {
		return send(req, func() {})
	}
	a.schemas.expire()
	if a.memory.idle() {
		err := send(req, func() {})
		if rejection(err) == nil {
			return err
		}
		return a.rejected(ctx, newCall(req), use{}, err, send)
	}
	p := newCall(req)
	u := use{known: a.memory.recall(p.key, p.op)}
	u.fits = u.known != nil && p.lost(&u.known.adaptation) == nil
	u.trial = u.fits && a.memory.startTrial(u.known)
	if u.fits && !u.trial {
		err := a.reuse(p, u.known, send)
		if rejection(err) == nil {
			return err
		}
	}
	err := a.sendOriginal(p, send)
	if rejection(err) == nil {
		return err
	}
	return a.rejected(ctx, p, u, err, send)
}

// use is how a call uses a stored adaptation.
type use struct {
	known *remembered // nil if none is stored
	fits  bool        // it keeps the fields that the call requires
	trial bool        // the call tries the original operation although it fits
}

// sendOriginal sends the original operation, and records if the server accepts it.
func (a *adapter) sendOriginal(p *call, send send) error {
	return send(p.req, func() { a.memory.accepted(p.key, p.op) })
}

// rejected continues after a server has rejected the original operation with err. It sends the
// operation once more if another server is likely to accept it, or may have the fields that the
// call requires. If the server then accepts the adaptation, the rejection was about the schema.
func (a *adapter) rejected(ctx context.Context, p *call, u use, err error, send send) error {
	again := len(p.req.Required) > 0
	if u.known != nil {
		again = (u.trial || !u.fits) && a.memory.confirms(u.known)
	}
	if again {
		if err = a.sendOriginal(p, send); rejection(err) == nil {
			return err
		}
	}
	if u.trial {
		adapted := send(p.with(&u.known.adaptation), func() {
			a.memory.rejected(p.key, p.op)
			a.report(p, u.known)
		})
		if rejection(adapted) == nil {
			return adapted
		}
	}
	return a.execute(ctx, p, u.known, err, send)
}

// reuse sends a request with a stored adaptation.
func (a *adapter) reuse(p *call, known *remembered, send send) error {
	return send(p.with(&known.adaptation), func() { a.report(p, known) })
}

// call is a request with an operation that the server may reject.
type call struct {
	key operationKey
	req *core.Request
	// op is the part of the operation that the SDK generated. If the caller provides the selection,
	// op has none.
	op *core.Operation
}

func newCall(req *core.Request) *call {
	op := req.Operation
	if req.Selection != "" {
		own := *op
		own.Selection = ""
		op = &own
	}
	p := &call{req: req, op: op}
	p.key = operationKey{gateway: op.Gateway, kind: op.Kind, operation: op.Name, selection: op.Selection}
	if req.Environment.Platform != core.PlatformTaegis { // both can be behind one host
		p.key.gateway = req.Environment.Platform.String() + " " + p.key.gateway
	}
	if address, err := url.Parse(req.URL()); err == nil {
		p.key.host = address.Host
	}
	return p
}

// with returns the request with an adapted operation. Responses that OnResponse receives name the
// adaptation.
func (p *call) with(r *adaptation) *core.Request {
	req := *p.req
	req.Operation = r.apply(p.op)
	if observe := req.OnResponse; observe != nil {
		adapted := r.report(p.op, p.key.host)
		req.OnResponse = func(answer core.Response) {
			answer.Adaptations = append(answer.Adaptations, adapted)
			observe(answer)
		}
	}
	return &req
}

// given returns the arguments that the caller set.
func (p *call) given() (args map[string]json.RawMessage) {
	text, err := json.Marshal(p.req.Args)
	if err != nil || json.Unmarshal(text, &args) != nil {
		return nil // not possible: they were sent, so they encode to an object
	}
	return args
}

// rejection returns the validation errors of a response; nil if err is not about validation.
func rejection(err error) []schemaProblem {
	answer, ok := errors.AsType[*core.ResponseError](err)
	if !ok || answer.Partial || answer.Err != nil || answer.Evidence != core.EvidenceInvalid && answer.Evidence != core.EvidenceUnknown {
		return nil
	}
	return schemaProblems(answer.Errors)
}

// maxRounds is the maximum number of adaptations that one call tries. Servers report all errors at
// once, so more than two are rare: a removed field can hide further errors, and some servers stop
// after a hundred errors.
const maxRounds = 12

// adapt changes and sends the operation until the server accepts it or no further change is known.
// It uses the validation errors first, then the server's schema, then literals in place of
// variables with a settled type. It calls works when an adaptation works.
func (a *adapter) adapt(ctx context.Context, p *call, err error, send send, works func()) error {
	current := &adaptation{Selection: p.op.Selection}
	bySchema := sync.OnceValues(func() (*adaptation, error) { return a.fit(ctx, p) })
	for round := range maxRounds {
		var better *adaptation
		var unfit error
		if round == 1 && a.schemas.complete(ctx, a.next, p) {
			better, unfit = bySchema()
		}
		if unfit == nil && (better == nil || better.equal(current)) {
			better, unfit = current.extend(p.op, rejection(err))
		}
		if unfit == nil && better.equal(current) {
			better, unfit = bySchema()
		}
		if literal := p.literals(current); literal != nil && undecided(better, unfit, current) {
			better, unfit = literal, nil
		}
		if unfit == nil {
			unfit = p.require(better)
		}
		if schema, ok := errors.AsType[*core.SchemaError](unfit); ok {
			schema.Host, schema.Err = p.key.host, err
			return schema
		}
		if unfit != nil || better.equal(current) {
			return err // no error of the SDK explains more than the server's own
		}
		current = better
		err = send(p.with(current), func() {
			kept := a.memory.keep(p.key, p.op, current)
			works()
			a.report(p, kept)
		})
		if rejection(err) == nil {
			return err
		}
	}
	return err
}

// undecided reports whether neither the errors nor the schema led to a change.
func undecided(better *adaptation, err error, current *adaptation) bool {
	if err != nil {
		_, decided := errors.AsType[*core.SchemaError](err)
		return !decided
	}
	return better.equal(current)
}

// literals returns an adaptation with the values of settled arguments in the document, in case one
// of their types is wrong. It returns nil if it would change nothing.
func (p *call) literals(current *adaptation) *adaptation {
	if current.Literals {
		return nil
	}
	given := p.given()
	for _, a := range p.op.Arguments {
		if _, set := given[a.Name]; set && canBeLiteral(a) {
			changed := *current
			changed.Literals = true
			return &changed
		}
	}
	return nil
}

// fit fetches the server's schema and adapts the operation to it.
func (a *adapter) fit(ctx context.Context, p *call) (*adaptation, error) {
	schema, err := a.schemas.of(ctx, a.next, p)
	if err != nil {
		return nil, err
	}
	return fit(p.op, p.given(), schema)
}

// report logs an adaptation once, and calls the request's OnAdapt each time.
func (a *adapter) report(p *call, r *remembered) {
	adapted := r.report(p.op, p.key.host)
	r.warned.Do(func() {
		level := slog.LevelInfo
		if len(adapted.Omitted) > 0 {
			level = slog.LevelWarn
		}
		a.logger.Log(context.Background(), level, "the server's schema differs: the operation was adapted",
			"operation", adapted.Operation, "host", adapted.Host,
			"omitted", adapted.Omitted, "renamed", adapted.Renamed, "retyped", adapted.Retyped)
	})
	if p.req.OnAdapt != nil {
		p.req.OnAdapt(adapted)
	}
}
