package taegis

import (
	"context"
	"iter"
	"net/http"
	"reflect"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/lenientjson"
	"github.com/taegis-go/taegis/ports"
)

// Query runs a query or mutation, for example [alerts.OpAlertsServiceSearch], with a selection as
// in [ContextWithSelection], and decodes the result into T. An empty selection means all fields
// that T decodes: those of its structs, by their json tags, at any depth. So a struct defines both
// the selection and the result:
//
//	type found struct {
//		Alerts struct {
//			List []struct {
//				ID string `json:"id"`
//			} `json:"list"`
//		} `json:"alerts"`
//	}
//	page, err := taegis.Query[found](ctx, client, &alerts.OpAlertsServiceSearch, args, "")
//
// Query returns a [*core.ArgumentError] for a selection that is invalid or cannot be derived:
// unless selection is set, T must not contain itself, maps, interfaces, or types with an
// UnmarshalJSON method, for example [json.RawMessage]. It also returns one if two fields of a
// struct have the same name at the same depth, for example in two embedded structs, because
// encoding/json decodes neither. Its other errors are those of t; it returns them together with the
// data that was decoded.
//
// [alerts.OpAlertsServiceSearch]:
// https://pkg.go.dev/github.com/taegis-go/taegis/services/alerts#OpAlertsServiceSearch
func Query[T any](ctx context.Context, t ports.Transport, op *core.Operation, args any, selection string) (T, error) {
	var value T
	req, err := requestFor[T](op, args, selection)
	if err == nil {
		err = t.Execute(ctx, req, &value)
	}
	return value, err
}

// Subscribe runs a subscription as [Query] runs a query, and yields each message. If a message does
// not fit T, it yields the data that was decoded together with a [*core.ResponseError] with status
// 200, and continues.
func Subscribe[T any](ctx context.Context, t ports.Transport, op *core.Operation, args any, selection string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		req, err := requestFor[T](op, args, selection)
		if err != nil {
			yield(*new(T), err)
			return
		}
		for message, err := range t.Subscribe(ctx, req) {
			var value T
			if len(message) > 0 {
				if misfit := lenientjson.Unmarshal(message, &value); misfit != nil && err == nil {
					err = &core.ResponseError{Operation: op.Name, Status: http.StatusOK, Reason: "a message of an unexpected shape", Err: misfit}
				}
			}
			if !yield(value, err) {
				return
			}
		}
	}
}

// requestFor returns the request for a result of type T.
func requestFor[T any](op *core.Operation, args any, selection string) (*core.Request, error) {
	req := &core.Request{Operation: op, Args: args}
	fault := func(reason string, err error) error {
		return &core.ArgumentError{Operation: op.Name, Reason: reason, Err: err}
	}
	err := unambiguous(reflect.TypeFor[T]())
	switch {
	case err != nil:
		return nil, fault("the result's type is ambiguous: give each field another json tag", err)
	case selection == "" && isPlain(op):
	case isPlain(op):
		return nil, fault("the selection names fields of a plain value, which has none", nil)
	case selection == "":
		t := reflect.TypeFor[T]()
		if req.Selection, err = deriveSelection(t); err != nil {
			return nil, fault("no selection follows from "+t.String()+", so it has to be set", err)
		}
		if req.Selection == "" && op.Selection != "" {
			return nil, fault("the result has fields, and "+t.String()+" has none", nil)
		}
	default:
		if req.Selection, err = transport.ParseSelection(selection); err != nil {
			return nil, fault("the selection", err)
		}
	}
	return req, nil
}
