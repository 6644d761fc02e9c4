package catalog_test

import (
	"slices"
	"testing"

	"github.com/taegis-go/taegis/services/catalog"
)

// A word of one vocabulary finds the names of both: first those that have the word, then the
// others, and then what has the word in a part.
func TestBothVocabularies(t *testing.T) {
	for _, test := range []struct {
		words       []string
		own, others []string // operations, each before the next list
	}{
		{[]string{"detection"}, []string{"detectionSearch", "detectionUpdateThreatScore"}, []string{"alertsServiceSearch", "alertHistoryByID"}},
		{[]string{"Detections"}, nil, []string{"alertsServiceSearch", "alertsCountByTenant"}},
		{[]string{"alerts"}, []string{"alertsServiceSearch", "alertsCountByTenant"}, []string{"detectionSearch", "detectionPoll"}},
		{[]string{"case"}, []string{"case", "createCase", "caseFiles"}, []string{"investigationsV2", "createInvestigationV2"}},
		{[]string{"investigations"}, []string{"investigationsV2"}, []string{"cases", "caseComments"}},
		{[]string{"detectionSearch"}, []string{"detectionSearch"}, []string{"alertsServiceSearch"}},
		{[]string{"alertsServiceSearch"}, []string{"alertsServiceSearch"}, []string{"detectionSearch"}},
		{[]string{"createCase"}, []string{"createCase"}, []string{"createInvestigationV2"}},
		{[]string{"createInvestigationV2"}, []string{"createInvestigationV2"}, []string{"createCase"}},
		{[]string{"detection", "poll"}, []string{"detectionPoll"}, []string{"alertsServicePoll"}},
	} {
		at := map[string]int{}
		first := -1 // the first match by a part
		for i, m := range catalog.Find(test.words...) {
			if len(m.MatchedIn) > 0 && first < 0 {
				first = i
			}
			if _, seen := at[m.Name]; !seen {
				at[m.Name] = i + 1
			}
		}
		last := 0
		for _, list := range [][]string{test.own, test.others} {
			end := last
			for _, name := range list {
				if at[name] <= last || first >= 0 && at[name] > first {
					t.Errorf("%q: %s is at %d, after %d, parts from %d", test.words, name, at[name], last, first)
				}
				end = max(end, at[name])
			}
			last = end
		}
	}
	if found := catalog.Find("showcases"); len(found) > 0 {
		t.Errorf("%+v", found)
	}
}

// Each operation of one vocabulary is found by the other's words for it.
func TestEveryAlternativeIsFound(t *testing.T) {
	operations, err := catalog.Operations("alerts")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, op := range operations {
		if op.Alternative == "" {
			continue
		}
		matches := catalog.Find(op.Name)
		if len(matches) > 0 && matches[0].Name != op.Name {
			t.Errorf("%s: the first is %s", op.Name, matches[0].Name)
		}
		if slices.ContainsFunc(matches, func(m catalog.Match) bool { return m.Name == op.Alternative }) {
			found++
		} else {
			t.Errorf("%s does not find %s", op.Name, op.Alternative)
		}
	}
	if found == 0 {
		t.Error("no alternative was found")
	}
}

// Services have names in both vocabularies.
func TestOtherNames(t *testing.T) {
	for name, service := range catalog.OtherNames() {
		operations, err := catalog.Operations(name)
		if err != nil || operations[0].Service != service {
			t.Errorf("%s: %v", name, err)
		}
		if slices.Contains(catalog.Services(), name) {
			t.Errorf("%s is a service of its own", name)
		}
	}
	for _, name := range []string{"detections.detectionSearch", "detections.alertsServiceSearch", "cases.cases", "cases.investigationsV2"} {
		if _, err := catalog.Operation(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
