package emulator

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

// example is a generated value. It depends only on the field's name and the indexes of the lists
// above it, so that the same document always returns the same data.
type example struct {
	name string
	n    int    // its index
	typ  string // its type as a member of a union, empty otherwise
}

// exampleTime is the earliest generated time.
var exampleTime = time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)

func (e example) typename() string { return e.typ }

// resolve returns an example for each field.
func (e example) resolve(field string, _ map[string]any) (any, error) {
	return example{name: field, n: e.n}, nil
}

// as converts the example to a type. A list has two items, a list of a union one for each member.
// An enum has its first value.
func (e example) as(s *gatewaySchema, t *ast.Type) any {
	if t.Elem != nil {
		items := make([]any, max(2, len(members(s, t.Elem))))
		for i := range items {
			items[i] = example{name: e.name, n: e.n*len(items) + i}
		}
		return items
	}
	switch def := s.Types[t.NamedType]; def.Kind {
	case ast.Enum:
		return def.EnumValues[0].Name
	case ast.Scalar:
		return e.scalar(def.Name)
	case ast.Union:
		all := members(s, t)
		return object(example{name: e.name, n: e.n, typ: all[e.n%len(all)]})
	default:
		return object(example{name: e.name, n: e.n})
	}
}

func members(s *gatewaySchema, t *ast.Type) []string {
	if def := s.Types[t.NamedType]; def != nil && def.Kind == ast.Union {
		return def.Types
	}
	return nil
}

// scalar returns a value of a scalar type that fits the field's name.
func (e example) scalar(kind string) any {
	name := strings.ToLower(e.name)
	switch kind {
	case "Boolean":
		return !e.leadsToPage()
	case "Int", "Uint64", "Int64":
		if strings.Contains(name, "count") || strings.Contains(name, "total") {
			return 2
		}
		return e.n + 1
	case "Float", "Float32":
		return float64(e.n) + 0.5
	case "String", "ID", "ResourceName":
		return e.text(name)
	case "Time":
		return e.time()
	case "UUID":
		return e.uuid()
	default: // free-form
		return map[string]any{"name": fmt.Sprintf("%s-%d", e.name, e.n+1), "value": e.n + 1}
	}
}

func (e example) text(name string) any {
	switch {
	case e.leadsToPage():
		return nil
	case name == "status":
		return "OK"
	case isTime(e.name):
		return e.time()
	case strings.HasPrefix(name, "tenant") && isID(e.name):
		return strconv.Itoa(e.n + 1)
	case isID(e.name):
		return e.uuid()
	case strings.Contains(name, "email"):
		return fmt.Sprintf("user%d@example.com", e.n+1)
	case strings.HasSuffix(name, "url"), strings.HasSuffix(name, "uri"):
		return fmt.Sprintf("https://example.com/%s/%d", e.name, e.n+1)
	default:
		return fmt.Sprintf("%s-%d", e.name, e.n+1)
	}
}

func (e example) uuid() string { return fmt.Sprintf("00000000-0000-4000-8000-%012x", e.n+1) }

// isID reports whether the field's name is that of an ID.
func isID(name string) bool {
	return name == "id" || strings.HasSuffix(name, "Id") || strings.HasSuffix(name, "ID") || strings.HasSuffix(name, "_id")
}

func (e example) time() string {
	return exampleTime.Add(time.Duration(e.n) * time.Hour).Format(time.RFC3339)
}

// leadsToPage reports whether the field refers to another page. Its example is null or false, so
// that a caller that follows pages ends.
func (e example) leadsToPage() bool {
	name := strings.ToLower(e.name)
	return slices.Contains([]string{"next", "prev", "previous"}, name) ||
		strings.Contains(name, "cursor") || strings.HasPrefix(name, "hasnext") || strings.HasPrefix(name, "hasprev") ||
		strings.HasPrefix(name, "has_next") || strings.HasPrefix(name, "has_prev") || strings.HasPrefix(name, "next") && strings.Contains(name, "page")
}

// isTime reports whether the field's name is that of a time.
func isTime(name string) bool {
	for _, end := range []string{"At", "_at", "Time", "_time", "Date", "_date", "Timestamp", "_timestamp"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return slices.Contains([]string{"time", "date", "timestamp", "earliest", "latest", "submitted", "completed", "expires"}, name)
}
