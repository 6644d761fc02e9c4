package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// waitingRow is an entry of waiting.json: an operation that returns the state of background work.
// States are paths in the result, next to each other. Any state that is not listed is a failure; ""
// in Succeeded stands for one that is not set.
type waitingRow struct {
	Service, Operation         string
	States, Running, Succeeded []string
	Certainty                  string
}

// waiter is the data of an operation's waiter for the template.
type waiter struct {
	waitingRow
	Go, Var string
	Op      *operation
	Body    string // of the function that returns the states
}

// addWaiters adds the waiters of the service's queries.
func (b *builder) addWaiters() error {
	for _, row := range b.api.waiting[b.service.Name] {
		w, err := b.waiter(row)
		if err != nil {
			return fmt.Errorf("waiting.json: %s.%s: %w", b.service.Name, row.Operation, err)
		}
		b.model.Waiters = append(b.model.Waiters, w)
	}
	return nil
}

func (b *builder) waiter(row waitingRow) (*waiter, error) {
	op := b.operation(row.Operation, "Query")
	switch {
	case op == nil || op.Args == nil:
		return nil, errors.New("there is no query of this name that has arguments")
	case len(row.States) == 0 || len(row.Running) == 0 || len(row.Succeeded) == 0:
		return nil, errors.New("its states are not complete")
	}
	w := &waiter{waitingRow: row, Op: op, Var: "wait" + op.Go}
	w.Go = b.pick(b.methods, "the waiter of "+op.Wire, op.Go+"Wait")
	var list []string
	for _, path := range row.States {
		before, err := (&reader{b}).value(op.Result, path, func(expr, typ string) (string, error) {
			if typ != "string" {
				expr = "string(" + expr + ")"
			}
			list = append(list, expr)
			return "", b.checkStates(typ, slices.Concat(row.Running, row.Succeeded))
		}, `return []string{""}`)
		if err != nil {
			return nil, err
		}
		switch {
		case w.Body == "":
			w.Body = "if row == nil {\nreturn nil\n}\n" + before
		case !strings.HasSuffix(w.Body, "}\n"+before):
			return nil, errors.New("its states do not stand next to each other")
		}
	}
	w.Body += "return []string{" + strings.Join(list, ", ") + "}"
	return w, nil
}

// checkStates returns an error if an enum lacks a state.
func (b *builder) checkStates(typ string, states []string) error {
	i := slices.IndexFunc(b.model.Types, func(t *goType) bool { return t.Go == typ && t.Kind == "enum" })
	for _, state := range states {
		is := func(f *goField) bool { return f.Wire == state }
		if i >= 0 && state != "" && !slices.ContainsFunc(b.model.Types[i].Fields, is) {
			return fmt.Errorf("%s has no state %s", typ, state)
		}
	}
	return nil
}
