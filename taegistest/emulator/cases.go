package emulator

import (
	"slices"
	"strings"

	"github.com/taegis-go/taegis/cql"
	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
	"github.com/taegis-go/taegis/taegistest/emulator/internal/eval"
)

// findCases returns the indexes of the cases that a query finds, in its order. By default the
// newest come first.
func (c *call) findCases(text string, functions func(cql.Function) bool) (eval.Result, error) {
	p, err := newPlan(text, c.scope.now)
	if err == nil {
		err = p.checkTypes("cases", "investigation", "case")
	}
	if err != nil {
		return eval.Result{}, badInput(err.Error())
	}
	possible, err := p.checkFields(knownCaseField)
	if err != nil {
		return eval.Result{}, badInput(err.Error())
	}
	if !possible {
		p.holds = func(eval.Record) bool { return false }
	}
	keep := slices.DeleteFunc(slices.Clone(p.query.Functions), func(f cql.Function) bool { return !functions(f) })
	return eval.Run(keep, c.scope.cases(p), func(index int) eval.Record {
		return caseRecord{c.scope.Cases.At(index)}
	}), nil
}

// cases returns the cases in the window of a plan that match it, newest first.
func (s scope) cases(p plan) []int {
	store := &s.Cases
	first, end := s.CaseWindow(p.earliest, p.latest)
	return collect(first, end, store.Generated(), store.Len(), func(index int) (dated, bool) {
		k := store.At(index)
		ok := s.sees(k.Tenant) && !k.Inserted.After(s.now) &&
			!k.Created.Before(p.earliest) && !k.Created.After(p.latest) && p.holds(caseRecord{k})
		return dated{index: index, time: k.Created, record: k}, ok
	}, newestFirst)
}

// allCases returns all cases that match, newest first.
func (s scope) allCases(match func(*corpus.Case) bool) []int {
	var list []dated
	for index := range s.Cases.Len() {
		k := s.Cases.At(index)
		if s.sees(k.Tenant) && !k.Inserted.After(s.now) && match(k) {
			list = append(list, dated{index: index, time: k.Created, record: k})
		}
	}
	slices.SortFunc(list, newestFirst)
	indexes := make([]int, len(list))
	for i, d := range list {
		indexes[i] = d.index
	}
	return indexes
}

// caseSource returns cases as a list with pages.
func (c *call) caseSource(indexes []int, convert func(*corpus.Case) any) source {
	return source{
		length: len(indexes),
		at:     func(i int) any { return convert(c.scope.Cases.At(indexes[i])) },
		key:    func(i int) string { return c.scope.Cases.At(indexes[i]).CaseID },
	}
}

// investigationV2 returns a case as the second version of the service does.
func (c *call) investigationV2(k *corpus.Case) any {
	return caseObject{Case: k, metricsFail: c.config.Behavior.MetricsFail}
}

// listInvestigationsV2 lists cases. It ignores head and tail, as the service does.
func (c *call) listInvestigationsV2(args map[string]any) (source, error) {
	text, _ := textAt(args, "arguments.cql")
	result, err := c.findCases(text, func(f cql.Function) bool {
		_, sorts := f.(*cql.Sort)
		return sorts
	})
	return c.caseSource(result.Rows, c.investigationV2), err
}

// listCases lists cases as the third version of the service does.
func (c *call) listCases(args map[string]any) (source, error) {
	text, _ := textAt(args, "arguments.query")
	result, err := c.findCases(text, func(f cql.Function) bool {
		_, aggregates := f.(*cql.Aggregate)
		return !aggregates
	})
	return c.caseSource(result.Rows, c.caseOf), err
}

// listInvestigations lists cases as the first version of the service does.
func (c *call) listInvestigations(args map[string]any) (source, error) {
	holds := func(eval.Record) bool { return true }
	if text, given := textAt(args, "query"); given {
		p, err := newPlan(text, c.scope.now)
		if err != nil {
			return source{}, badInput(err.Error())
		}
		holds = p.holds
	}
	filter, _ := textAt(args, "filterText")
	status, _ := at(args, "status").([]any)
	indexes := c.scope.allCases(func(k *corpus.Case) bool {
		return strings.Contains(strings.ToLower(k.Title), strings.ToLower(filter)) && holds(caseRecord{k}) &&
			(len(status) == 0 || slices.Contains(status, any(k.Status))) && withinTimes(k, args)
	})
	c.scope.orderCases(indexes, args)
	return c.caseSource(indexes, investigationV1), nil
}

// withinTimes reports whether a case has the times that the arguments ask for.
func withinTimes(k *corpus.Case, args map[string]any) bool {
	for name, passed := range map[string]bool{"createdAfter": true, "createdBefore": false, "updatedAfter": true, "updatedBefore": false} {
		text, given := textAt(args, name)
		bound, err := (&cql.Bound{Text: text}).Time(k.Created)
		if !given || err != nil {
			continue
		}
		of := k.Created
		if strings.HasPrefix(name, "updated") {
			of = k.Updated
		}
		if passed && of.Before(bound) || !passed && of.After(bound) {
			return false
		}
	}
	return true
}

// orderCases orders cases by the arguments orderByField and orderDirection.
func (s scope) orderCases(indexes []int, args map[string]any) {
	field, _ := textAt(args, "orderByField")
	value := caseFields[strings.ToLower(field)]
	if value == nil {
		return
	}
	direction, _ := textAt(args, "orderDirection")
	slices.SortStableFunc(indexes, func(a, b int) int {
		order := eval.Compare(value(s.Cases.At(a)), value(s.Cases.At(b)))
		if strings.HasPrefix(strings.ToLower(direction), "desc") {
			return -order
		}
		return order
	})
}
