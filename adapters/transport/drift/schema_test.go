package drift_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/adapters/transport/drift"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/services/catalog"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// mumbling replaces the messages of validation errors. Their code still marks documents as invalid.
type mumbling struct{ ports.Transport }

func (m mumbling) Execute(ctx context.Context, req *core.Request, out any) error {
	err := m.Transport.Execute(ctx, req, out)
	if answer, ok := errors.AsType[*core.ResponseError](err); ok {
		for i := range answer.Errors {
			answer.Errors[i].Message, answer.Errors[i].Locations = "Bad document.", nil
		}
	}
	return err
}

// If the errors have an unknown form, the schema is fetched once for all operations.
func TestAdaptationsByTheSchema(t *testing.T) {
	for name, change := range map[string]func(*emulator.Config){
		"introspection": func(*emulator.Config) {},
		"introspection without what is deprecated": func(c *emulator.Config) { c.Drift.NoIncludeDeprecated = true },
	} {
		t.Run(name, func(t *testing.T) {
			server := taegistest.NewServer(t, func(c *emulator.Config) { c.Drift.Seed = 3 }, change)
			wire := &recorder{next: mumbling{&transport.HTTP{}}}
			middleware := drift.Middleware(drift.Config{Logger: discard})(wire)
			adapted := 0
			for _, name := range []string{"alertsServiceSearch", "alertsServicePoll", "detectionSearch"} {
				op, err := catalog.Operation("alerts." + name)
				if err != nil {
					t.Fatal(err)
				}
				req := &core.Request{
					Operation: op, Environment: server.Environment, Args: map[string]any{"in": map[string]any{}},
					Token:   core.NewSecret(server.Token(emulator.DemoClientID)),
					OnAdapt: func(core.Adaptation) { adapted++ },
				}
				if err := middleware.Execute(t.Context(), req, nil); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			t.Logf("%d requests, %d operations adapted", wire.requests, adapted)
			if adapted != 3 || wire.requests > 6+3 { // fetching the schema takes up to three requests
				t.Errorf("%d adapted with %d requests", adapted, wire.requests)
			}
		})
	}
	t.Run("no introspection", func(t *testing.T) {
		server := taegistest.NewServer(t, func(c *emulator.Config) { c.Drift.Seed, c.Drift.NoIntrospection = 3, true })
		op, err := catalog.Operation("alerts.alertsServiceSearch")
		if err != nil {
			t.Fatal(err)
		}
		req := &core.Request{
			Operation: op, Environment: server.Environment, Args: map[string]any{"in": map[string]any{}},
			Token: core.NewSecret(server.Token(emulator.DemoClientID)),
		}
		err = drift.Middleware(drift.Config{Logger: discard})(mumbling{&transport.HTTP{}}).Execute(t.Context(), req, nil)
		if answer, ok := errors.AsType[*core.ResponseError](err); !ok || !strings.Contains(answer.Error(), "Bad document.") {
			t.Errorf("error %v", err)
		}
	})
}

// A subscription is adapted before its first message, and OnAdapt is called then.
func TestASubscriptionIsAdapted(t *testing.T) {
	op, err := catalog.Operation("cql_metadata.validateEventQuery", core.KindSubscription)
	if err != nil {
		t.Fatal(err)
	}
	reported := 0
	for seed := range uint64(10) {
		server := taegistest.NewServer(t, func(c *emulator.Config) { c.Drift.Seed = seed })
		req := &core.Request{
			Operation: op, Environment: server.Environment, Args: map[string]any{"query": "from process"},
			Token: core.NewSecret(server.Token(emulator.DemoClientID)),
		}
		adapted := false
		req.OnAdapt = func(core.Adaptation) { adapted = true; reported++ }
		wire := &recorder{next: &transport.HTTP{}}
		for message, err := range drift.Middleware(drift.Config{Logger: discard})(wire).Subscribe(t.Context(), req) {
			if fault, lost := errors.AsType[*core.SchemaError](err); lost && fault.Argument == "query" {
				continue // with some seeds
			}
			if err != nil || len(message) == 0 {
				t.Errorf("seed %d: %s, %v", seed, message, err)
			}
			if adapted != (wire.requests > 1) {
				t.Errorf("seed %d: adapted %t after %d requests", seed, adapted, wire.requests)
			}
		}
	}
	if reported == 0 {
		t.Error("no seed made a difference")
	}
}
