package emulator

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
)

// pathAssetsVersion is the path of a cheap test of the connection.
const pathAssetsVersion = "/assets/version"

// buckets holds the requests that each account has left.
type buckets struct {
	mu      sync.Mutex
	byOwner map[string]*bucket
}

// bucket fills up continuously.
type bucket struct {
	tokens float64
	at     time.Time
}

// take takes a request from the bucket of an account. If the bucket is empty, it returns how long
// that lasts.
func (b *buckets) take(subject string, limit RateLimit, now time.Time) (wait time.Duration, ok bool) {
	if limit.Requests <= 0 {
		return 0, true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.byOwner == nil {
		b.byOwner = map[string]*bucket{}
	}
	own := b.byOwner[subject]
	if own == nil {
		own = &bucket{tokens: float64(limit.Requests), at: now}
		b.byOwner[subject] = own
	}
	rate := float64(limit.Requests) / orDefault(limit.Window, time.Second).Seconds()
	own.tokens = min(own.tokens+now.Sub(own.at).Seconds()*rate, float64(limit.Requests))
	own.at = now
	if own.tokens < 1 {
		return time.Duration((1 - own.tokens) / rate * float64(time.Second)), false
	}
	own.tokens--
	return 0, true
}

// limited responds with status 429 if the account has no request left, and reports that.
func (x *exchange) limited(o owner) bool {
	limit := x.config.Behavior.Limit
	wait, ok := x.e.buckets.take(o.subject(), limit, x.config.Now())
	if ok {
		return false
	}
	if !limit.NoRetryAfter {
		x.w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	x.json(http.StatusTooManyRequests, map[string]string{"message": "Too Many Requests"})
	return true
}

// stepUp responds to an operation that needs another authentication, and reports that.
func (x *exchange) stepUp() bool {
	for _, name := range x.operations {
		if slices.Contains(x.config.Behavior.StepUp, name) {
			x.json(http.StatusForbidden, map[string]any{"errors": []core.GraphQLError{{
				Message: "step-up authentication required for " + name, Extensions: map[string]any{"code": "STEP_UP_REQUIRED"},
			}}, "data": nil})
			return true
		}
	}
	return false
}

type checkStepUpArgs struct {
	Input struct{ Operation string }
}

// checkStepUp returns whether an operation needs another authentication.
func (c *call) checkStepUp(args checkStepUpArgs) (any, error) {
	result := "ALLOW"
	if slices.Contains(c.config.Behavior.StepUp, args.Input.Operation) {
		result = "REQUIRE_STEP_UP"
	}
	return row{"result": result}, nil
}

// assetsVersion responds to a test of the connection.
func (x *exchange) assetsVersion() {
	o, valid := x.e.tokens.check(x.bearer(), x.config.Now)
	switch {
	case !valid:
		x.reject()
	case x.r.Method != http.MethodGet:
		x.w.Header().Set("Allow", http.MethodGet)
		x.json(http.StatusMethodNotAllowed, map[string]string{"message": "Method Not Allowed"})
	default:
		if _, allowed := x.scope(o); !allowed {
			x.forbid()
			return
		}
		x.json(http.StatusOK, map[string]string{"version": "emulator"})
	}
}
