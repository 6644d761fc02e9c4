package emulator_test

import (
	"testing"

	"github.com/taegis-go/taegis/taegistest/emulator"
)

// The counts of rules are those of the lists, also after one is deleted, and a type selects rules.
func TestRulesAreCounted(t *testing.T) {
	e, access := local(t, emulator.Config{})
	type counted struct {
		RulesCount, RulesForEventCount int
		Rules, DeletedRules, ForEvent  []struct{ ID, RuleType string }
		None                           int
	}
	const query = `{
		rulesCount rulesForEventCount(eventType: process) none: rulesCount(ruleType: REGEX)
		rules(count: 100, ruleType: QL) { id ruleType } deletedRules(count: 100) { id ruleType }
		forEvent: rulesForEvent(eventType: process, count: 100) { id ruleType } }`
	var before, after counted
	ask(t, e, gateway, access, "", query, nil).into(t, &before)
	if before.RulesCount == 0 || before.RulesCount != len(before.Rules) || before.RulesForEventCount != len(before.ForEvent) {
		t.Errorf("%d rules and %d for an event, %d and %d listed", before.RulesCount, before.RulesForEventCount, len(before.Rules), len(before.ForEvent))
	}
	if total := before.RulesCount + len(before.DeletedRules); total != 25 || before.None != 0 {
		t.Errorf("%d rules, want 25; %d of another type", total, before.None)
	}
	data[any](t, e, gateway, access, `mutation ($id: ID!) { deleteRule(ruleID: $id) { id } }`, map[string]any{"id": before.Rules[0].ID})
	ask(t, e, gateway, access, "", query, nil).into(t, &after)
	if after.RulesCount != before.RulesCount-1 || len(after.DeletedRules) != len(before.DeletedRules)+1 {
		t.Errorf("%d rules and %d deleted ones after a deletion", after.RulesCount, len(after.DeletedRules))
	}
}
