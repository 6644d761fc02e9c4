package transport

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/lenientjson"
	"github.com/taegis-go/taegis/internal/setting"
)

// payload is the body of a POST request, and of the message that starts a subscription.
type payload struct {
	Query         string    `json:"query"`
	OperationName string    `json:"operationName,omitempty"`
	Variables     arguments `json:"variables,omitempty"`
}

// newPayload returns the payload of req, or a [*core.ArgumentError].
func newPayload(req *core.Request) (payload, error) {
	if reason := setting.TenantFault(req.Tenant); reason != "" {
		return payload{}, &core.ArgumentError{Operation: nameOf(req), Argument: "tenant", Reason: reason}
	}
	if err := req.CheckPlatform(); err != nil {
		return payload{}, err
	}
	args, err := parseArguments(req.Args)
	if err == nil {
		var p payload
		if p, err = compose(req, args); err == nil {
			return p, nil
		}
	}
	return payload{}, ofOperation(err, req)
}

// ofOperation adds the name of the operation to a [*core.ArgumentError].
func ofOperation(err error, req *core.Request) error {
	if argument, ok := errors.AsType[*core.ArgumentError](err); ok {
		argument.Operation = nameOf(req)
	}
	return err
}

func compose(req *core.Request, args arguments) (payload, error) {
	op := req.Operation
	if req.Document != "" {
		if err := checkDocument(req); err != nil {
			return payload{}, err
		}
		return payload{Query: req.Document, OperationName: op.Name, Variables: args}, nil
	}
	if err := args.fit(op); err != nil {
		return payload{}, err
	}
	if err := args.complete(op); err != nil {
		return payload{}, err
	}
	text, err := newDocument(req, args).fill(args)
	if err != nil {
		return payload{}, err
	}
	for _, a := range op.Arguments {
		if a.Inline {
			delete(args, a.Name)
		}
	}
	return payload{Query: text, OperationName: op.Name, Variables: args}, nil
}

// nameOf returns the name of the request in errors.
func nameOf(req *core.Request) string { return cmp.Or(req.Operation.Name, "GraphQL") }

// arguments holds the members of a request's Args as JSON.
type arguments map[string]json.RawMessage

func parseArguments(args any) (arguments, error) {
	if args == nil {
		return nil, nil
	}
	text, err := encode(args)
	if err != nil {
		return nil, &core.ArgumentError{Reason: "they cannot be encoded as JSON", Err: err}
	}
	d := lenientjson.NewDecoder(text, core.Limits{})
	switch d.Peek() {
	case 'n':
		return nil, nil
	case '{':
	default:
		return nil, &core.ArgumentError{Reason: "they must encode to a JSON object"}
	}
	members := arguments{}
	for name := range d.Members() {
		members[string(name)] = d.Value()
	}
	return members, nil
}

func (args arguments) has(name string) bool {
	_, ok := args[name]
	return ok
}

// fit returns an error if an argument is given that the operation does not have, or a required one
// is missing.
func (args arguments) fit(op *core.Operation) error {
	known := 0
	for _, a := range op.Arguments {
		value, given := args[a.Name]
		if given {
			known++
		}
		if strings.HasSuffix(a.Type, "!") && (!given || string(value) == "null") {
			return &core.ArgumentError{Argument: a.Name, Reason: "it is required"}
		}
	}
	if known == len(args) {
		return nil
	}
	var names []string
	for _, a := range op.Arguments {
		names = append(names, a.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(args)) {
		if !slices.Contains(names, name) {
			return &core.ArgumentError{Argument: name, Reason: "there is no such argument; " + takes(names)}
		}
	}
	return nil
}

func takes(names []string) string {
	if len(names) == 0 {
		return "the operation takes none"
	}
	return "the operation takes " + strings.Join(names, ", ")
}

// encode is [json.Marshal] without escapes for HTML, which no server needs and which make queries
// hard to read in logs, for example "severity > 0.6".
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
