package drift_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/taegis-go/taegis/adapters/transport/drift"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testutil"
)

// The messages and locations of the reference implementation of GraphQL are understood.
func TestAdaptationsByTheReferenceImplementation(t *testing.T) {
	node := testutil.Program(t, "node")
	if err := exec.CommandContext(t.Context(), node, "-e", "require('graphql')").Run(); err != nil {
		testutil.Missing(t, "the npm package graphql in NODE_PATH")
	}
	sdl := schemaOf(
		"id: String!", "id: ID!", "Filter", "Criteria", "{ clientID", "{ client_id",
		"name: String child: Child", "name: Child child: String", // each has the other's type
		"type Dog { name: String age", "type Dog { name: Int age", "DOWN", "")
	g := newGateway(t, 400, referee(t, node, sdl))
	var reported core.Adaptation
	req := request(g, client, map[string]any{"id": "1", "note": "ü", "filter": map[string]any{"order": "UP"}})
	req.OnAdapt = func(r core.Adaptation) { reported = r }
	wire := newMiddleware(drift.Config{})
	if err := wire.Execute(t.Context(), req, nil); err != nil {
		t.Fatal(err)
	}
	documents := g.sent()
	declared, selection := parts(documents[len(documents)-1])
	const want = "{ clientID: client_id pet { __typename ... on Cat { Cat_name: name } ... on Dog { name age } } }"
	if declared != "$id: ID!, $filter: Criteria" || strings.ReplaceAll(selection, "Dog_name: name", "name") != want {
		t.Errorf("%s\n%s\n%+v", declared, selection, reported)
	}
	t.Logf("%d requests", len(documents))

	for name, test := range map[string]struct {
		args map[string]any
		want string
	}{
		"enum value":  {map[string]any{"id": "1", "filter": map[string]any{"order": "DOWN"}}, "client: argument filter.order: the server's enum Order has no value DOWN"},
		"input field": {map[string]any{"id": "1", "filter": map[string]any{"words": "x"}}, "client: argument filter.words: the server does not have it"},
	} {
		t.Run(name, func(t *testing.T) {
			err := wire.Execute(t.Context(), request(g, client, test.args), nil)
			if fault, ok := errors.AsType[*core.SchemaError](err); !ok || !strings.HasPrefix(fault.Error(), test.want) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// referee validates documents with the reference implementation.
func referee(t *testing.T, node, sdl string) reject {
	t.Helper()
	program := exec.CommandContext(t.Context(), node, "testdata/validate.js", sdl)
	program.Stderr = os.Stderr
	in, err := program.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := program.Wait(); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	})
	var mu sync.Mutex
	answers := bufio.NewScanner(out)
	return func(document string, variables map[string]any) string {
		mu.Lock()
		defer mu.Unlock()
		ask, err := json.Marshal(map[string]any{"query": document, "variables": variables})
		if err == nil {
			_, err = in.Write(append(ask, '\n'))
		}
		if err != nil || !answers.Scan() {
			t.Error(err, answers.Err())
			return ""
		}
		var answer struct{ Errors []json.RawMessage }
		if err := json.Unmarshal(answers.Bytes(), &answer); err != nil {
			t.Error(err)
		}
		if len(answer.Errors) == 0 {
			return ""
		}
		return answers.Text()
	}
}
