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

// Query runs a query or mutation, such as [alerts.OpAlertsServiceSearch], with a selection of the
// caller's own, written as for [ContextWithSelection], and decodes the result into T. An empty
// selection means all that T decodes: the fields of its structs by the names in their json tags,
// at any depth. So a struct says both what to ask for and where it goes:
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
// It returns a [*core.ArgumentError] for a selection that is wrong or cannot be derived: what maps,
// interfaces and types with an UnmarshalJSON of their own, [json.RawMessage] included, are to hold
// has to be said, and so has how deep a type goes that contains itself. It returns one too if two
// fields of a struct have the same name at the same depth, for example in two embedded structs:
// encoding/json would decode neither. Its other errors are those of t; together with them it returns
// what was understood of the answer.
//
// [alerts.OpAlertsServiceSearch]: https://pkg.go.dev/github.com/taegis-go/taegis/services/alerts#OpAlertsServiceSearch
func Query[T any](ctx context.Context, t ports.Transport, op *core.Operation, args any, selection string) (T, error) {
	var value T
	req, err := requestFor[T](op, args, selection)
	if err == nil {
		err = t.Execute(ctx, req, &value)
	}
	return value, err
}

// Subscribe runs a subscription as [Query] runs a query, and yields each message. A message that
// does not fit T is yielded as far as it was understood, beside a [*core.ResponseError] with status
// 200, and does not end the stream.
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
		return nil, fault("the result's type is ambiguous: give each field a json tag of its own", err)
	case selection == "" && isPlain(op):
	case isPlain(op):
		return nil, fault("the selection names fields of a plain value, which has none", nil)
	case selection == "":
		t := reflect.TypeFor[T]()
		if req.Selection, err = deriveSelection(t); err != nil {
			return nil, fault("no selection follows from "+t.String()+", so one has to be given", err)
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
