package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// executable executes any document over a schema that is known only at run time.
type executable struct{ schema *gatewaySchema }

// Schema returns the schema.
func (s *executable) Schema() *ast.Schema { return s.schema.Schema }

// Complexity returns false: no field has its own complexity.
func (s *executable) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

// Exec executes the operation of the context.
func (s *executable) Exec(ctx context.Context) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	x := &execution{schema: s.schema, op: op, call: callOf(ctx)}
	switch op.Operation.Operation {
	case ast.Mutation:
		return graphql.OneShot(x.respond(s.schema.Mutation, root{x: x}))
	case ast.Subscription:
		return x.subscribe()
	default:
		return graphql.OneShot(x.respond(s.schema.Query, root{x: x}))
	}
}

// object is a value with fields.
type object interface {
	// resolve returns the value of a field: nil, an object, a []any, an example, or a value that
	// encoding/json encodes. The names of the field and its arguments are the original ones.
	resolve(field string, args map[string]any) (any, error)
}

// typed is an object with a type name. A member of a union implements it.
type typed interface{ typename() string }

// execution executes one operation and writes its result, with fields in the order of the document.
// On Taegis every result type is nullable, so an error sets only its own field to null. If the
// schema is strict, a null in a non-null position makes the value around it null. Functions report
// with false that theirs has to be.
type execution struct {
	schema     *gatewaySchema
	op         *graphql.OperationContext
	call       *call
	selections map[selectionKey][]selected
	out        bytes.Buffer
	path       steps
	errors     gqlerror.List
}

// respond executes the operation's selection on its root object.
func (x *execution) respond(def *ast.Definition, o object) *graphql.Response {
	x.out.Reset()
	x.errors = nil
	if !x.object(def, x.op.Operation.SelectionSet, o) {
		x.leaf(nil)
	}
	return &graphql.Response{Data: bytes.Clone(x.out.Bytes()), Errors: x.errors}
}

func (x *execution) object(def *ast.Definition, set ast.SelectionSet, o object) bool {
	start := x.out.Len()
	x.out.WriteByte('{')
	for i, f := range x.fields(def, set) {
		if i > 0 {
			x.out.WriteByte(',')
		}
		x.out.Write(f.key)
		x.path = append(x.path, step{name: f.Alias})
		ok := true
		switch {
		case f.Name == "__typename":
			x.leaf(def.Name)
		case x.isFailingSubject(def, f.was.name):
			x.fail(x.call.downstream("caseComments", "not authorized to read subjects"))
			ok = x.takesNull(f.Definition.Type)
		default:
			ok = x.field(f, o)
		}
		x.path = x.path[:len(x.path)-1]
		if !ok {
			x.out.Truncate(start)
			return false
		}
	}
	x.out.WriteByte('}')
	return true
}

func (x *execution) field(f selected, o object) bool {
	value, err := o.resolve(f.was.name, f.args)
	if err != nil {
		x.fail(err)
		return x.takesNull(f.Definition.Type)
	}
	if _, adapts := value.(example); f.was.reshaped && value != nil && !adapts {
		value = example{name: f.was.name}
	}
	if value == nil && !x.takesNull(f.Definition.Type) {
		value = example{name: f.was.name} // the emulator has no such record
	}
	return x.value(f.Definition.Type, f.Selections, value)
}

// takesNull reports whether a position of a type can be null.
func (x *execution) takesNull(t *ast.Type) bool { return !x.schema.strict || !t.NonNull }

// fail writes null and reports the error, at the current path if it has none.
func (x *execution) fail(err error) {
	failure, ok := errors.AsType[*gqlerror.Error](err)
	if !ok {
		failure = gqlerror.Wrap(err)
	}
	own := *failure
	if own.Path == nil {
		own.Path = x.path.ast()
	}
	x.errors = append(x.errors, &own)
	x.leaf(nil)
}

// value writes a value of a type.
func (x *execution) value(t *ast.Type, set ast.SelectionSet, value any) bool {
	if e, ok := value.(example); ok {
		value = e.as(x.schema, t)
	}
	switch v := value.(type) {
	case []any:
		start := x.out.Len()
		x.out.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				x.out.WriteByte(',')
			}
			x.path = append(x.path, step{index: i})
			ok := x.value(t.Elem, set, item)
			x.path = x.path[:len(x.path)-1]
			if !ok {
				x.out.Truncate(start)
				x.leaf(nil)
				return x.takesNull(t)
			}
		}
		x.out.WriteByte(']')
	case object:
		if !x.object(x.concrete(t, v), set, v) {
			x.leaf(nil)
			return x.takesNull(t)
		}
	case string:
		x.leaf(x.schema.enumValue(t, v))
	case nil:
		x.leaf(nil)
		return x.takesNull(t)
	default:
		x.leaf(v)
	}
	return true
}

// concrete returns the type of an object in a position of type t. If a union has lost the object's
// type, it returns another member.
func (x *execution) concrete(t *ast.Type, o object) *ast.Definition {
	possible := x.schema.PossibleTypes[t.NamedType]
	if o, ok := o.(typed); ok {
		for _, def := range possible {
			if def.Name == x.schema.typeName(o.typename()) {
				return def
			}
		}
	}
	return possible[0]
}

// root is the object with the operations as its fields.
type root struct {
	x       *execution
	message any // of a subscription
}

func (r root) resolve(field string, args map[string]any) (any, error) {
	switch field {
	case "__schema", "__type":
		return introspect(r.x, field, args)
	}
	if r.x.op.Operation.Operation == ast.Subscription {
		err, failed := r.message.(error)
		if failed {
			return nil, err
		}
		return r.message, nil
	}
	r.x.call.executes(field, args)
	value, err := r.x.answer(field, args)
	for _, message := range r.x.call.partial {
		r.x.errors = append(r.x.errors, &gqlerror.Error{Message: message, Path: r.x.path.ast()})
	}
	r.x.call.partial = nil
	return value, err
}

// op adapts a method with typed arguments.
func op[A any](serve func(*call, A) (any, error)) operation {
	return func(c *call, raw map[string]any) (any, error) {
		args, err := decode[A](raw)
		if err != nil {
			return nil, err
		}
		return serve(c, args)
	}
}

// decode converts the arguments of an operation to a type.
func decode[A any](raw map[string]any) (A, error) {
	var args A
	text, err := json.Marshal(raw)
	if err == nil {
		err = json.Unmarshal(text, &args)
	}
	if err != nil {
		return args, badInput(err.Error())
	}
	return args, nil
}

// record is an object with its own values. A field without a value returns an example.
type record map[string]any

func (r record) resolve(field string, _ map[string]any) (any, error) {
	if value, ok := r[field]; ok {
		return value, nil
	}
	return example{name: field}, nil
}

func (r record) typename() string {
	name, _ := r["__typename"].(string)
	return name
}

// badInput returns an error in the service's form.
func badInput(message string) error { return coded("BAD_USER_INPUT", message) }

func notFound(message string) error { return coded("NOT_FOUND", message) }

func coded(code, message string) error {
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": code}}
}
