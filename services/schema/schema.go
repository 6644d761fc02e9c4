package schema

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/taegis-go/taegis/core"
)

// FS contains SERVICE.graphql for each service, merged.graphql, services.json,
// uncertain.json, settled.json and paging.json. Those of the services of fusion are in a folder.
//
//go:embed *.graphql fusion/*.graphql services.json uncertain.json settled.json paging.json
var FS embed.FS

// Merged is the name, for [SDL], of the merged schema of all services of the default gateway.
const Merged = "merged"

// Service describes a service: its host, its gateway and its operations.
type Service struct {
	Name string // the wire name, for example "alerts_history" or "fusion/cases"
	// Platform is the platform that has the service.
	Platform core.Platform
	// API is the vendor's name of the service, if it is another one, for example "cases-v2".
	API string
	// Gateway is the path below the base URL, for example "/graphql".
	Gateway string
	Host    core.Host
	// InputValueDeprecation reports whether the gateway accepts includeDeprecated on arguments
	// and input fields in an introspection query.
	InputValueDeprecation bool
	// Exposed reports whether the Python SDK has an attribute for the service on its client.
	Exposed bool
	// Operations are the queries, mutations and subscriptions, each in the order of the SDL.
	Operations []Operation
	// Unreachable are the types that no operation reaches.
	Unreachable []string
}

// Operation is a root field of a service.
type Operation struct {
	Name       string
	Kind       core.OperationKind
	Deprecated bool
	// Alternative names an operation with the same arguments and result, for servers that lack this
	// one. Empty if there is none.
	Alternative string
	// Use names the replacement of a deprecated operation. Empty if it is unknown.
	Use string
}

// UnknownServiceError is returned for an unknown name of a service.
type UnknownServiceError struct{ Name string }

func (e *UnknownServiceError) Error() string { return fmt.Sprintf("unknown service %q", e.Name) }

// SDL returns the schema of a service by its wire name, or that of [Merged], in GraphQL's schema
// definition language. An unknown name returns an [*UnknownServiceError].
func SDL(service string) (string, error) {
	text, err := FS.ReadFile(service + ".graphql")
	if err != nil {
		return "", &UnknownServiceError{Name: service}
	}
	return string(text), nil
}

// Services returns the services of these platforms, sorted by name; without platforms, all.
func Services(platforms ...core.Platform) ([]Service, error) {
	var file struct {
		Services []Service `json:"services"`
	}
	err := decode("services.json", &file)
	return slices.DeleteFunc(file.Services, func(s Service) bool {
		return len(platforms) > 0 && !slices.Contains(platforms, s.Platform)
	}), err
}

// UnmarshalJSON decodes an entry of services.json.
func (s *Service) UnmarshalJSON(text []byte) error {
	var entry struct {
		Name                  string        `json:"name"`
		Platform              core.Platform `json:"platform"`
		API                   string        `json:"api"`
		Gateway               string        `json:"gateway"`
		BaseURL               string        `json:"baseURL"`
		InputValueDeprecation *bool         `json:"inputValueDeprecation"`
		Exposed               bool          `json:"exposed"`
		Queries               []Operation   `json:"queries"`
		Mutations             []Operation   `json:"mutations"`
		Subscriptions         []Operation   `json:"subscriptions"`
		UnreachableTypes      []string      `json:"unreachableTypes"`
	}
	if err := json.Unmarshal(text, &entry); err != nil {
		return fmt.Errorf("service: %w", err)
	}
	*s = Service{
		Name: entry.Name, Platform: entry.Platform, API: entry.API, Gateway: entry.Gateway,
		Exposed: entry.Exposed, Unreachable: entry.UnreachableTypes,
	}
	s.InputValueDeprecation = entry.InputValueDeprecation == nil || *entry.InputValueDeprecation
	switch entry.BaseURL {
	case "default":
		s.Host = core.HostAPI
	case "tenants":
		s.Host = core.HostTenants
	default:
		return fmt.Errorf("service %s: unknown base %q", entry.Name, entry.BaseURL)
	}
	s.add(core.KindQuery, entry.Queries)
	s.add(core.KindMutation, entry.Mutations)
	s.add(core.KindSubscription, entry.Subscriptions)
	return nil
}

func (s *Service) add(kind core.OperationKind, operations []Operation) {
	for _, op := range operations {
		op.Kind = kind
		s.Operations = append(s.Operations, op)
	}
}

// Uncertainty lists the positions of a service with a scalar type that is not certain.
type Uncertainty struct {
	Arguments   []Position `json:"arguments"`   // arguments of operations
	InputFields []Position `json:"inputFields"` // fields of input objects
}

// Position is an argument or input field with an uncertain scalar type.
type Position struct {
	On   string `json:"on"` // "Query.client" for an argument, the input's name for a field
	Name string `json:"name"`
	// Type is the type in the SDL, for example "[String!]!".
	Type string `json:"emitted"`
	// Python is the type in the Python SDK: "str", "int" or "dict".
	Python string `json:"python"`
	// LooksLike is the likely type by the name: "ID", "time", or empty.
	LooksLike string `json:"looksLike"`
}

// Uncertain returns the uncertain positions of each service by its wire name. It omits services
// without such positions.
func Uncertain() (map[string]Uncertainty, error) {
	var services map[string]Uncertainty
	err := decode("uncertain.json", &services)
	return services, err
}

func decode(name string, into any) error {
	text, err := FS.ReadFile(name)
	if err != nil {
		return fmt.Errorf("embedded schema: %w", err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("embedded schema: %s: %w", name, err)
	}
	return nil
}
