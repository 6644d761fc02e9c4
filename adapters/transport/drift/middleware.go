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

// Config is what can be chosen about healing. The zero value keeps repairs in memory only.
type Config struct {
	// Dir is the folder in which repairs are kept for other processes; it is made when the first
	// is. Empty means nowhere. See [DefaultDir].
	Dir string
	// Logger hears of each repaired operation once; nil means [slog.Default].
	Logger *slog.Logger
	// Now tells the time; nil means [time.Now].
	Now func() time.Time
}

// DefaultDir returns the folder for repairs in the user's cache folder, or "" where there is none.
func DefaultDir() string {
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(cache, "taegis", "repairs")
}

// Middleware returns middleware that repairs operations for servers whose schema differs. It
// belongs below what adds the token, which asking for the schema needs, and below what repeats
// requests: some servers refuse a document with a status that reads like a passing failure.
//
// Where an operation cannot be repaired without leaving out something that the caller set, or
// cannot return what it is called for, it returns a [*core.SchemaError] and nothing was executed.
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
func (h *adapter) Execute(ctx context.Context, req *core.Request, out any) error {
	return h.run(ctx, req, func(req *core.Request, works func()) error {
		err := h.next.Execute(ctx, req, out)
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
func (h *adapter) Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		err := h.run(ctx, req, func(req *core.Request, works func()) error {
			begun := false
			for message, err := range h.next.Subscribe(ctx, req) {
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

// run sends a request, and repairs it where the server refuses its document.
func (h *adapter) run(ctx context.Context, req *core.Request, send send) error {
	if req.Document != "" {
		return send(req, func() {})
	}
	h.schemas.expire()
	if h.memory.idle() {
		err := send(req, func() {})
		if rejection(err) == nil {
			return err
		}
		return h.rejected(ctx, newCall(req), use{}, err, send)
	}
	p := newCall(req)
	u := use{known: h.memory.recall(p.place, p.op)}
	u.fits = u.known != nil && p.lost(&u.known.adaptation) == nil
	u.trial = u.fits && h.memory.claim(u.known)
	if u.fits && !u.trial {
		err := h.reuse(p, u.known, send)
		if rejection(err) == nil {
			return err
		}
	}
	err := h.sendWhole(p, send)
	if rejection(err) == nil {
		return err
	}
	return h.rejected(ctx, p, u, err, send)
}

// use is what a call makes of a repair that is known.
type use struct {
	known *remembered // nil if none is
	fits  bool        // it leaves the call what it requires
	trial bool        // the call tries the whole operation all the same
}

// sendWhole sends an operation as it was written. That it is accepted says something about a repair
// that is known.
func (h *adapter) sendWhole(p *call, send send) error {
	return send(p.req, func() { h.memory.accepted(p.place, p.op) })
}

// rejected goes on after a server has refused the whole operation with err. It sends the operation
// once more if another server is likely to accept it, or may at least have the fields that the call
// requires. A repair that is accepted next confirms that the refusal was about the schema.
func (h *adapter) rejected(ctx context.Context, p *call, u use, err error, send send) error {
	again := len(p.req.Required) > 0
	if u.known != nil {
		again = (u.trial || !u.fits) && h.memory.asksTwice(u.known)
	}
	if again {
		if err = h.sendWhole(p, send); rejection(err) == nil {
			return err
		}
	}
	if u.trial {
		adapted := send(p.with(&u.known.adaptation), func() {
			h.memory.rejected(p.place, p.op)
			h.report(p, u.known)
		})
		if rejection(adapted) == nil {
			return adapted
		}
	}
	return h.execute(ctx, p, u.known, err, send)
}

// reuse sends a request with a repair that is known.
func (h *adapter) reuse(p *call, known *remembered, send send) error {
	return send(p.with(&known.adaptation), func() { h.report(p, known) })
}

// call is a request whose operation the server may not understand.
type call struct {
	place
	req *core.Request
	// op is the operation as far as the SDK wrote it: without a selection where the caller brings
	// one.
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
	p.place = place{gateway: op.Gateway, kind: op.Kind, operation: op.Name, selection: op.Selection}
	if address, err := url.Parse(req.URL()); err == nil {
		p.host = address.Host
	}
	return p
}

// with returns the request with a repaired operation. Who observes its answers learns of the repair.
func (p *call) with(r *adaptation) *core.Request {
	req := *p.req
	req.Operation = r.apply(p.op)
	if observe := req.OnResponse; observe != nil {
		told := r.report(p.op, p.host)
		req.OnResponse = func(answer core.Response) {
			answer.Adaptations = append(answer.Adaptations, told)
			observe(answer)
		}
	}
	return &req
}

// given returns the arguments that the caller set.
func (p *call) given() (args map[string]json.RawMessage) {
	text, err := json.Marshal(p.req.Args)
	if err != nil || json.Unmarshal(text, &args) != nil {
		return nil // the wire has sent them, so they do encode to an object
	}
	return args
}

// rejection returns what a server's validation found wrong; nil where err is something else.
func rejection(err error) []schemaProblem {
	answer, ok := errors.AsType[*core.ResponseError](err)
	if !ok || answer.Partial || answer.Err != nil || answer.Evidence != core.EvidenceInvalid && answer.Evidence != core.EvidenceUnknown {
		return nil
	}
	return schemaProblems(answer.Errors)
}

// maxRounds bounds how often one call is repaired. Servers report all that they find at once, so
// more than two are rare: a cut can lay bare what it hid, and some servers stop counting at a
// hundred errors.
const maxRounds = 12

// adapt repairs and sends until the server accepts, or nothing more can be done: first by what the
// server says, and where it still refuses by its schema. It calls landed once a repair works.
func (h *adapter) adapt(ctx context.Context, p *call, err error, send send, landed func()) error {
	fixed := &adaptation{Selection: p.op.Selection}
	bySchema := sync.OnceValues(func() (*adaptation, error) { return h.fit(ctx, p) })
	for round := range maxRounds {
		var better *adaptation
		var unfit error
		if round == 1 && h.schemas.complete(ctx, h.next, p) {
			better, unfit = bySchema()
		}
		if unfit == nil && (better == nil || better.equal(fixed)) {
			better, unfit = fixed.extend(p.op, rejection(err))
		}
		if unfit == nil && better.equal(fixed) {
			better, unfit = bySchema()
		}
		if unfit == nil {
			unfit = p.require(better)
		}
		if schema, ok := errors.AsType[*core.SchemaError](unfit); ok {
			schema.Host, schema.Err = p.host, err
			return schema
		}
		if unfit != nil || better.equal(fixed) {
			return err // the server's own words are the best that can be said
		}
		fixed = better
		err = send(p.with(fixed), func() {
			kept := h.memory.keep(p.place, p.op, fixed)
			landed()
			h.report(p, kept)
		})
		if rejection(err) == nil {
			return err
		}
	}
	return err
}

// fit returns a repair made from the server's schema, else an error.
func (h *adapter) fit(ctx context.Context, p *call) (*adaptation, error) {
	schema, err := h.schemas.of(ctx, h.next, p)
	if err != nil {
		return nil, err
	}
	return fit(p.op, p.given(), schema)
}

// report lets the log know of a repair once, and the caller each time.
func (h *adapter) report(p *call, r *remembered) {
	told := r.report(p.op, p.host)
	r.warned.Do(func() {
		level := slog.LevelInfo
		if len(told.Omitted) > 0 {
			level = slog.LevelWarn
		}
		h.logger.Log(context.Background(), level, "the server's schema differs: the operation was repaired",
			"operation", told.Operation, "host", told.Host, "cut", told.Omitted, "renamed", told.Renamed, "retyped", told.Retyped)
	})
	if p.req.OnAdapt != nil {
		p.req.OnAdapt(told)
	}
}
