package main

import (
	"strings"
	"testing"
	"testing/fstest"
)

const fusionSDL = `
type Query {
  thing(arguments: ThingArguments!, id: UUID!): Thing
  node(id: ID!): Node
}
type Mutation { make(input: MakeInput!): Thing! }
interface Node { id: ID! }
type Thing implements Node {
  id: ID!
  at: Time!
  size: Int64
  ownerSubject: Subject
  parts(kind: String!, page: Int): [Part!]!
  others(page: Int = 1, kind: String! = "x"): [Part!]!
}
type Part implements Node { id: ID! score: Float32 rn: ResourceName }
type Subject { id: ID! }
input ThingArguments { id: ID! page: Int = 1 order: Int! = 2 }
input MakeInput {
  title: String!
  content: String!
  severity: Int!
  kind: Kind!
  tags: [String!]!
  nested: Nested
  list: [Nested!]
}
input Nested { id: ID! again: MakeInput }
enum Kind { A B }
scalar Time
scalar UUID
scalar Int64
scalar Float32
scalar ResourceName`

// TestFusion generates a service of the successor: required inputs, fields that are left out, an
// interface, and the scalars that it has.
func TestFusion(t *testing.T) {
	a, err := readAPI(fstest.MapFS{
		"services.json": {Data: []byte(`{"services": [
			{"name": "things", "gateway": "/graphql", "mutations": [{"name": "make"}]},
			{"name": "up/new_things", "platform": "fusion", "api": "new-things-v2", "gateway": "/graphql"}]}`)},
		"uncertain.json":        {Data: []byte("{}")},
		"settled.json":          {Data: []byte("{}")},
		"paging.json":           {Data: []byte("[]")},
		"waiting.json":          {Data: []byte("[]")},
		"omitted.json":          {Data: []byte(`[{"service": "up/new_things", "type": "Subject", "reason": "it fails"}]`)},
		"blank.json":            {Data: []byte(`[{"service": "up/new_things", "fields": ["content"], "reason": "empty is a value"}]`)},
		"things.graphql":        {Data: []byte("type Query { a: Int } type Mutation { make(input: In!): Int } input In { id: String! }")},
		"up/new_things.graphql": {Data: []byte(fusionSDL)},
	})
	if err != nil {
		t.Fatal(err)
	}
	files, err := generate(a, a.services)
	if err != nil {
		t.Fatal(err)
	}
	folder := "services/up/newthings/"
	for name, lines := range map[string][]string{
		folder + "doc.gen.go": {
			"// Package newthings calls the Fusion service up/new_things at the gateway /graphql.",
			"// The vendor publishes its schema as new-things-v2; see docs/protocol.md#fusion-graphql.",
		},
		folder + "operations.gen.go": {
			`Service: "up/new_things", Name: "thing", Kind: core.KindQuery, Platform: core.PlatformFusion,`,
			"{Path: \"arguments\"},\n\t\t\t{Path: \"arguments.id\", Text: true},\n\t\t\t{Path: \"id\", Text: true},\n\t\t},",
			"{Path: \"input\"},\n\t\t\t{Path: \"input.title\", Text: true},\n\t\t\t{Path: \"input.content\"},\n\t\t\t" +
				"{Path: \"input.severity\"},\n\t\t\t{Path: \"input.kind\", Text: true},\n\t\t\t{Path: \"input.tags\"},\n\t\t\t" +
				"{Path: \"input.nested.id\", Text: true},\n\t\t\t{Path: \"input.list.id\", Text: true},\n\t\t},",
			`Selection: "{ id at size others { id score rn } }",`,
			`Selection: "{ __typename ... on Thing { id at size others { id score rn } } ... on Part { id score rn } }",`,
		},
		folder + "types.gen.go": {
			"// OwnerSubject is not selected by default: it fails; use taegis.ContextWithSelection.",
			"// Parts is not selected by default: it has the required argument kind; use taegis.ContextWithSelection.",
			"type Node struct {",
			"*Thing          `on:\"Thing\"`",
			"int64  `json:\"size\"`",
			"string `json:\"at\"`",
			"float64 `json:\"score\"`",
		},
		"services/catalog/catalog.gen.go": {
			`upnewthings "github.com/taegis-go/taegis/services/up/newthings"`,
			`case "up/new_things", "up/newthings":`,
		},
	} {
		for _, line := range lines {
			if !strings.Contains(string(files[name]), line) {
				t.Errorf("%s lacks\n%s\n%s", name, line, files[name])
			}
		}
	}
	if text := string(files["services/things/operations.gen.go"]); strings.Contains(text, "RequiredInputs") || strings.Contains(text, "Platform") {
		t.Errorf("a service of Taegis has required inputs or a platform:\n%s", text)
	}
}
