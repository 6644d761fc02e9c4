package portstest_test

import (
	"context"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/ports/portstest"
	"github.com/taegis-go/taegis/taegistest"
)

func TestTheFakeKeepsTheContract(t *testing.T) {
	portstest.Transport(t, func(t *testing.T, answers portstest.Answers) (ports.Transport, core.Environment) {
		fake := taegistest.NewTransport(t)
		for name, list := range answers {
			fake.Unchecked(name)
			if len(list) == 1 { // only a prepared function can answer with a value and an error
				fake.Handle(name, func(_ context.Context, req *core.Request) (any, error) {
					return list[0].Value(req), list[0].Err(req)
				})
				continue
			}
			req := &core.Request{Operation: &core.Operation{Name: name}}
			var messages []any
			for _, a := range list {
				message := a.Value(req)
				if err := a.Err(req); err != nil {
					message = err
				}
				messages = append(messages, message)
			}
			fake.Stream(name, messages...)
		}
		return fake, core.Environment{}
	})
}
