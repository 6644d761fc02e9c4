package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// api is the content of the schema folder: services.json, uncertain.json, settled.json,
// paging.json, waiting.json and an SDL file for each service. The files omitted.json and blank.json
// may be absent.
type api struct {
	files     fs.FS
	services  []service
	uncertain map[string]struct{ Arguments []position }
	settled   struct{ Arguments map[string][]settledType }
	paging    map[string][]pagingRow // by service
	waiting   map[string][]waitingRow
	omitted   map[string][]omittedRow
	blank     map[string][]blankRow
}

// service is an entry of services.json.
type service struct {
	Name, Gateway, BaseURL            string
	Note                              []string // how certain the service is, in lines
	Platform                          string   // empty for Taegis
	API                               string   // the vendor's name, if it is another one
	Queries, Mutations, Subscriptions []rootField
}

type rootField struct {
	Name       string
	Deprecated bool
	// Alternative is an operation with the same arguments and result, for servers that lack this
	// one.
	Alternative string
	Use         string // the operation that replaces a deprecated one, if it is known
}

// position is an argument with an uncertain scalar type.
type position struct{ On, Name string }

// settledType is the server's type of an argument, as settled.json has it.
type settledType struct {
	position
	Type, Note string
}

func readAPI(files fs.FS) (*api, error) {
	a := &api{files: files}
	var list struct{ Services []service }
	if err := a.readJSON("services.json", &list); err != nil {
		return nil, err
	}
	a.services = list.Services
	var rows []pagingRow
	if err := a.readJSON("paging.json", &rows); err != nil {
		return nil, err
	}
	a.paging = map[string][]pagingRow{}
	for _, row := range rows {
		a.paging[row.Service] = append(a.paging[row.Service], row)
	}
	var waits []waitingRow
	if err := a.readJSON("waiting.json", &waits); err != nil {
		return nil, err
	}
	a.waiting = map[string][]waitingRow{}
	for _, row := range waits {
		a.waiting[row.Service] = append(a.waiting[row.Service], row)
	}
	if err := a.readJSON("settled.json", &a.settled); err != nil {
		return nil, err
	}
	if err := a.readRules(); err != nil {
		return nil, err
	}
	return a, a.readJSON("uncertain.json", &a.uncertain)
}

func (a *api) readJSON(name string, into any) error {
	text, err := fs.ReadFile(a.files, name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (a *api) service(name string) (service, error) {
	i := slices.IndexFunc(a.services, func(s service) bool { return s.Name == name })
	if i < 0 {
		return service{}, fmt.Errorf("services.json has no service %q", name)
	}
	return a.services[i], nil
}

func (a *api) load(name string) (*ast.Schema, error) {
	text, err := fs.ReadFile(a.files, name+".graphql")
	if err != nil {
		return nil, err
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: name + ".graphql", Input: string(text)})
	if err != nil {
		return nil, err
	}
	uniteInterfaces(schema)
	return schema, nil
}

// isUncertain reports whether an argument's scalar type is uncertain in the SDL.
func (a *api) isUncertain(service string, at position) bool {
	return slices.Contains(a.uncertain[service].Arguments, at)
}

// settledType returns the server's type of an argument that is uncertain in the SDL, or "" if it is
// not known or clients differ.
func (a *api) settledType(service string, at position) string {
	for _, s := range a.settled.Arguments[service] {
		if s.position == at && s.Note == "" && a.isUncertain(service, at) {
			return s.Type
		}
	}
	return ""
}

func (s service) rootField(kind ast.Operation, name string) rootField {
	fields := map[ast.Operation][]rootField{ast.Query: s.Queries, ast.Mutation: s.Mutations, ast.Subscription: s.Subscriptions}[kind]
	for _, f := range fields {
		if f.Name == name {
			return f
		}
	}
	return rootField{Name: name}
}

// home returns the service that has an operation: the one that mentioned it, or else the first
// other service of its platform, or none.
func (a *api) home(mentioned service, operation string) (service, bool) {
	for _, s := range append([]service{mentioned}, a.services...) {
		if s.Platform != mentioned.Platform {
			continue
		}
		for _, f := range slices.Concat(s.Queries, s.Mutations, s.Subscriptions) {
			if f.Name == operation {
				return s, true
			}
		}
	}
	return service{}, false
}
