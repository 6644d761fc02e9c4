package emulator

import (
	"strings"
	"time"

	"github.com/taegis-go/taegis/cql"
	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// caseRecord is a case as a query reads it.
type caseRecord struct{ *corpus.Case }

// Time returns the time of creation.
func (k caseRecord) Time() time.Time { return k.Created }

// Value returns the value of a field.
func (k caseRecord) Value(field string) any {
	if value := caseFields[field]; value != nil {
		return value(k.Case)
	}
	return nil
}

// Logical returns nothing: cases have no fields with a logical type.
func (k caseRecord) Logical(string) []any { return nil }

// caseFields are the fields of a case in a query.
var caseFields = map[string]func(*corpus.Case) any{
	"id":              func(k *corpus.Case) any { return k.CaseID },
	"short_id":        func(k *corpus.Case) any { return k.ShortID },
	"title":           func(k *corpus.Case) any { return k.Title },
	"description":     func(k *corpus.Case) any { return k.Title },
	"key_findings":    func(k *corpus.Case) any { return k.Findings },
	"status":          func(k *corpus.Case) any { return k.Status },
	"type":            func(k *corpus.Case) any { return k.Type },
	"priority":        func(k *corpus.Case) any { return int64(k.Priority) },
	"severity":        func(k *corpus.Case) any { return int64(k.Priority) },
	"risk_score":      func(k *corpus.Case) any { return k.Risk },
	"tags":            func(k *corpus.Case) any { return k.Tags },
	"assignee_id":     func(k *corpus.Case) any { return optionalText(k.Assignee) },
	"tenant_id":       func(k *corpus.Case) any { return k.Tenant },
	"created_by_id":   func(k *corpus.Case) any { return k.Author },
	"created_at":      func(k *corpus.Case) any { return k.Created },
	"updated_at":      func(k *corpus.Case) any { return k.Updated },
	"archived_at":     func(k *corpus.Case) any { return optionalTime(k.Archived) },
	"deleted_at":      func(k *corpus.Case) any { return optionalTime(k.Deleted) },
	"closed_at":       func(k *corpus.Case) any { return optionalTime(k.Closed) },
	"close_reason":    func(k *corpus.Case) any { return optionalText(k.Reason) },
	"rule_id":         func(k *corpus.Case) any { return optionalText(k.RuleID) },
	"service_desk_id": func(k *corpus.Case) any { return optionalText(k.DeskID) },
	"alerts":          func(k *corpus.Case) any { return k.Alerts },
	"events":          func(k *corpus.Case) any { return k.Events },
	"assets":          func(k *corpus.Case) any { return k.Assets },
}

// knownCaseField reports whether cases have a field.
func knownCaseField(f cql.Field) bool {
	return !f.Logical && caseFields[strings.ToLower(f.Name)] != nil
}
