package schema

import (
	"embed"
	"encoding/json"
	"fmt"

	"github.com/taegis-go/taegis/core"
)

// FS holds SERVICE.graphql for each service, merged.graphql, services.json and uncertain.json.
//
//go:embed *.graphql services.json uncertain.json
var FS embed.FS

// Merged names, for [SDL], the schema of all services behind the default gateway in one.
const Merged = "merged"

// Service says where a service lives and what it offers.
type Service struct {
	Name string // the wire name, such as "alerts_history"
	// Gateway is the path below the base URL, such as "/graphql".
	Gateway string
	Host    core.Host
	// InputValueDeprecation reports whether the gateway accepts includeDeprecated on arguments
	// and input fields in an introspection query.
	InputValueDeprecation bool
	// Exposed reports whether the Python SDK has an attribute for the service on its client.
	Exposed bool
	// Operations are queries, mutations and subscriptions, each in the order of the SDL.
	Operations []Operation
	// Unreachable are the types that no operation reaches.
	Unreachable []string
}

// Operation is a root field of a service.
type Operation struct {
	Name       string
	Kind       core.OperationKind
	Deprecated bool
	// Use names what replaces a deprecated operation; empty where that is not known.
	Use string
}

// UnknownServiceError is returned for a name that no service has.
type UnknownServiceError struct{ Name string }

func (e *UnknownServiceError) Error() string { return fmt.Sprintf("unknown service %q", e.Name) }

// SDL returns the schema of a service by its wire name, or that of [Merged], in GraphQL's schema
// definition language. Any other name gives an [*UnknownServiceError].
func SDL(service string) (string, error) {
	text, err := FS.ReadFile(service + ".graphql")
	if err != nil {
		return "", &UnknownServiceError{Name: service}
	}
	return string(text), nil
}

// Services returns all services, sorted by name.
func Services() ([]Service, error) {
	var file struct {
		Services []Service `json:"services"`
	}
	err := decode("services.json", &file)
	return file.Services, err
}

// UnmarshalJSON decodes an entry of services.json.
func (s *Service) UnmarshalJSON(text []byte) error {
	var entry struct {
		Name                  string      `json:"name"`
		Gateway               string      `json:"gateway"`
		BaseURL               string      `json:"baseURL"`
		InputValueDeprecation *bool       `json:"inputValueDeprecation"`
		Exposed               bool        `json:"exposed"`
		Queries               []Operation `json:"queries"`
		Mutations             []Operation `json:"mutations"`
		Subscriptions         []Operation `json:"subscriptions"`
		UnreachableTypes      []string    `json:"unreachableTypes"`
	}
	if err := json.Unmarshal(text, &entry); err != nil {
		return fmt.Errorf("service: %w", err)
	}
	*s = Service{Name: entry.Name, Gateway: entry.Gateway, Exposed: entry.Exposed, Unreachable: entry.UnreachableTypes}
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

// Uncertainty lists the positions of a service whose scalar type is not known for certain.
type Uncertainty struct {
	Arguments   []Position `json:"arguments"`   // arguments of operations
	InputFields []Position `json:"inputFields"` // fields of input objects
}

// Position is one argument or input field of which only the appearance is known.
type Position struct {
	On   string `json:"on"` // "Query.client" for an argument, the input's name for a field
	Name string `json:"name"`
	// Type is what the SDL says, such as "[String!]!".
	Type string `json:"emitted"`
	// Python is the type in the Python SDK: "str", "int" or "dict".
	Python string `json:"python"`
	// LooksLike is a hint from the name, "ID" or "time"; empty where the name gives none.
	LooksLike string `json:"looksLike"`
}

// Uncertain returns what is not known for certain about each service, by its wire name. A
// service without such positions is absent.
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
