package emulator

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// listRules returns the list of the rules that match, the last changed ones first.
func listRules(match func(*corpus.Rule, map[string]any) bool) list {
	return func(c *call, args map[string]any) (source, error) {
		found := c.rules(func(r *corpus.Rule) bool { return ofType(r, args) && match(r, args) })
		return source{
			length: len(found), at: func(i int) any { return ruleObject(found[i]) },
			key: func(i int) string { return found[i].RuleID },
		}, nil
	}
}

// countRules returns the number of the rules that match.
func countRules(match func(*corpus.Rule, map[string]any) bool) operation {
	return func(c *call, args map[string]any) (any, error) {
		return len(c.rules(func(r *corpus.Rule) bool { return ofType(r, args) && match(r, args) })), nil
	}
}

// ofType reports whether a rule has the type that the arguments select.
func ofType(r *corpus.Rule, args map[string]any) bool {
	wanted := textOf(args["ruleType"])
	return wanted == "" || wanted == r.Type
}

// rules returns the rules that match, the last changed ones first.
func (c *call) rules(match func(*corpus.Rule) bool) []*corpus.Rule {
	var found []*corpus.Rule
	for i := range c.scope.Rules.Len() {
		if r := c.scope.Rules.At(i); c.scope.sees(r.Tenant) && match(r) {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b *corpus.Rule) int {
		if order := b.Updated.Compare(a.Updated); order != 0 {
			return order
		}
		return strings.Compare(a.RuleID, b.RuleID)
	})
	return found
}

func liveRule(r *corpus.Rule, _ map[string]any) bool { return !r.Deleted }

func deletedRule(r *corpus.Rule, _ map[string]any) bool { return r.Deleted }

func ruleForEvent(r *corpus.Rule, args map[string]any) bool {
	return !r.Deleted && strings.EqualFold(r.EventType, textOf(args["eventType"]))
}

// ruleWithText matches the texts of a search in the name and the description.
func ruleWithText(r *corpus.Rule, args map[string]any) bool {
	text := strings.ToLower(textOf(at(args, "query.query")))
	return !r.Deleted && strings.Contains(strings.ToLower(r.Name+" "+r.Description), text)
}

func ruleObject(r *corpus.Rule) any {
	return row{
		"id": r.RuleID, "tenantID": r.Tenant, "name": r.Name, "description": r.Description, "severity": r.Severity,
		"confidence": r.Confidence, "enabled": r.Enabled, "deleted": r.Deleted, "createAlert": true,
		"createdAt": isoTime(r.Created), "updatedAt": isoTime(r.Updated), "eventType": r.EventType,
		"tags": []string{}, "attackCategories": []string{}, "ruleType": r.Type,
		"qlFilter": row{"id": r.RuleID + "-filter", "query": r.Query},
	}
}

// oneRule returns a rule by its ID, nil if there is none.
func (c *call) oneRule(args struct{ ID string }) (any, error) {
	r, ok := c.scope.RuleByID(args.ID)
	if !ok || !c.scope.sees(r.Tenant) {
		return nil, nil
	}
	return ruleObject(r), nil
}

// rulesSince returns the rules that have changed since a time, which is rounded down to the minute.
func (c *call) rulesSince(args struct{ Timestamp string }) (any, error) {
	since, err := time.Parse(time.RFC3339, args.Timestamp)
	if err != nil {
		return nil, badInput("the timestamp is not a time")
	}
	since = since.Truncate(time.Minute)
	return rows(c.rules(func(r *corpus.Rule) bool { return !r.Updated.Before(since) }), ruleObject), nil
}

type createRuleArgs struct {
	Input struct {
		Name, Description, EventType string
		Severity, Confidence         float64
		Enabled                      *bool
	}
	QLFilter struct{ Query string } `json:"qlFilter"`
}

// createRule adds a rule with a query.
func (c *call) createRule(args createRuleArgs) (any, error) {
	if _, err := newPlan(args.QLFilter.Query, c.scope.now); err != nil {
		return nil, badInput(err.Error())
	}
	r := c.scope.AddRule(orDefault(c.scope.tenant, c.owner.tenant), c.scope.now.UTC(), func(r *corpus.Rule) {
		r.Name, r.Description, r.EventType = args.Input.Name, args.Input.Description, strings.ToLower(args.Input.EventType)
		r.Severity, r.Confidence, r.Query = args.Input.Severity, args.Input.Confidence, args.QLFilter.Query
		r.Enabled = args.Input.Enabled == nil || *args.Input.Enabled
	})
	return ruleObject(r), nil
}

// changeRule returns an operation that changes a rule, whose ID is an argument.
func changeRule(argument string, change func(*corpus.Rule, map[string]any)) operation {
	return func(c *call, args map[string]any) (any, error) {
		id := textOf(args[argument])
		r, ok := c.scope.RuleByID(id)
		if !ok || !c.scope.sees(r.Tenant) {
			return nil, notFound(fmt.Sprintf("there is no rule %s", id))
		}
		r, _ = c.scope.Rules.Update(r.Index(), func(changed *corpus.Rule) error {
			change(changed, args)
			changed.Updated = c.scope.now.UTC()
			return nil
		})
		return ruleObject(r), nil
	}
}

// patchRule sets the fields that the argument rule has.
func patchRule(r *corpus.Rule, args map[string]any) {
	input, _ := args["rule"].(map[string]any)
	if name, given := textAt(input, "name"); given {
		r.Name = name
	}
	if text, given := textAt(input, "description"); given {
		r.Description = text
	}
	if enabled, given := input["enabled"].(bool); given {
		r.Enabled = enabled
	}
	if severity, given := input["severity"].(float64); given {
		r.Severity = severity
	}
}
