package catalog_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/adapters/transport/drift"
	"github.com/taegis-go/taegis/paging"
	"github.com/taegis-go/taegis/services/catalog"
)

// isWaiter reports whether a method waits for the work of another one.
func isWaiter(service reflect.Value, i int) bool {
	base, found := strings.CutSuffix(service.Type().Method(i).Name, "Wait")
	return found && service.MethodByName(base).IsValid()
}

// TestWaiters calls each waiter: it sends the operation of its name, requires fields that are
// selected, and does not take a missing result for work that is done.
func TestWaiters(t *testing.T) {
	count := 0
	for _, name := range catalog.Services() {
		w := &wire{answer: "null"}
		service := reflect.ValueOf(services[name](w))
		for i := range service.NumMethod() {
			if !isWaiter(service, i) {
				continue
			}
			count++
			method, args := service.Type().Method(i).Name, sample(service.Method(i).Type().In(1), 0)
			out := service.Method(i).Call([]reflect.Value{reflect.ValueOf(t.Context()), args})
			err, _ := reflect.TypeAssert[error](out[1])
			if _, ok := errors.AsType[*paging.WorkError](err); !ok {
				t.Errorf("%s.%s of nothing: %v", name, method, err)
			}
			if !strings.EqualFold(w.req.Operation.Name+"Wait", method) {
				t.Errorf("%s.%s sent %s", name, method, w.req.Operation.Name)
			}
			if err := drift.CheckRequired(w.req); err != nil || len(w.req.Required) == 0 {
				t.Errorf("%s.%s requires %q: %v", name, method, w.req.Required, err)
			}
		}
	}
	if count != 17 {
		t.Errorf("%d waiters, want 17", count)
	}
}
