package emulator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/cql"
	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
	"github.com/taegis-go/taegis/taegistest/emulator/internal/eval"
)

// fusionCaseRecord is a case as a query of the successor reads it.
type fusionCaseRecord struct{ caseRecord }

// Value returns the value of a field, whose name is in lower case.
func (k fusionCaseRecord) Value(field string) any {
	if value := fusionCaseFields[field]; value != nil {
		return value(k.Case)
	}
	return nil
}

// fusionCaseFields are the fields of a case in a query of the successor.
var fusionCaseFields = map[string]func(*corpus.Case) any{
	"id":               caseFields["id"],
	"shortid":          caseFields["short_id"],
	"title":            caseFields["title"],
	"severity":         func(k *corpus.Case) any { return int64(severity(k)) },
	"riskscore":        caseFields["risk_score"],
	"tags":             caseFields["tags"],
	"assigneeid":       func(k *corpus.Case) any { return k.Assignee },
	"createdat":        caseFields["created_at"],
	"updatedat":        caseFields["updated_at"],
	"closedat":         caseFields["closed_at"],
	"closereason":      caseFields["close_reason"],
	"archivedat":       caseFields["archived_at"],
	"managedby":        func(k *corpus.Case) any { return optionalText(k.Fusion.ManagedBy) },
	"typeid":           func(k *corpus.Case) any { return strings.ToLower(k.Type) },
	"primarystatusid":  func(k *corpus.Case) any { return statusID(k) },
	"primaryverdictid": func(k *corpus.Case) any { return optionalText(verdictID(k)) },
}

// notUnderstood returns the error for a query that the successor does not understand.
func notUnderstood(err error) error {
	return badInput("the query does not match any schema type: " + err.Error())
}

// predicate parses a condition with an optional sort, without the types of a query.
func (c *call) predicate(text string, known func(cql.Field) bool) (plan, error) {
	p, err := newPlan(text, c.scope.now)
	if err == nil && len(p.query.Types) > 0 {
		err = eval.Errorf(p.query.Types[0].Pos, "a condition without FROM is expected")
	}
	if err == nil {
		for _, f := range p.query.Functions {
			if _, sorts := f.(*cql.Sort); !sorts {
				err = eval.Errorf(f.Position(), "only sort may follow a condition")
			}
		}
		for _, f := range eval.Fields(p.query) {
			if !known(f) {
				err = eval.Errorf(f.Pos, "there is no field %q", f.String())
			}
		}
	}
	if err != nil {
		return p, notUnderstood(err)
	}
	return p, nil
}

// fusionCases lists cases, the newest first if the query does not sort.
func (c *call) fusionCases(args map[string]any) (any, error) {
	text, _ := textAt(args, "arguments.query")
	p, err := c.predicate(text, func(f cql.Field) bool { return !f.Logical && fusionCaseFields[strings.ToLower(f.Name)] != nil })
	if err != nil {
		return nil, err
	}
	record := func(index int) eval.Record { return fusionCaseRecord{caseRecord{c.scope.Cases.At(index)}} }
	indexes := c.scope.allCases(func(k *corpus.Case) bool { return k.Deleted.IsZero() && p.holds(fusionCaseRecord{caseRecord{k}}) })
	s := c.caseSource(eval.Run(p.query.Functions, indexes, record).Rows, c.fusionCase)
	at, err := fusionSpan(args, s)
	if err != nil {
		return nil, err
	}
	info := row{"hasNextPage": at.end < s.length, "hasPreviousPage": at.first > 0}
	list := []any{}
	for i := at.first; i < at.end; i++ {
		list = append(list, s.at(i))
	}
	if len(list) > 0 {
		info["startCursor"], info["endCursor"] = s.cursor(at.first), s.cursor(at.end-1)
	}
	return row{"cases": list, "totalCount": s.length, "pageInfo": info}, nil
}

// maxFusionPage is the largest page of the successor's lists of cases, and fusionPage the page of a
// request that does not say its size.
const (
	maxFusionPage = 100
	fusionPage    = 20
)

// fusionSpan returns the part of a list that the pagination of cases asks for: exactly one of its
// two forms.
func fusionSpan(args map[string]any, s source) (span, error) {
	pagination, given := at(args, "arguments.pagination").(map[string]any)
	offset, paged := pagination["offset"].(map[string]any)
	cursor, follows := pagination["cursor"].(map[string]any)
	switch {
	case !given:
		return s.span(0, fusionPage), nil
	case paged == follows:
		return span{}, coded(codeBadRequest, "exactly one of offset and cursor must be set")
	case paged:
		page, set := numberAt(offset, "page")
		if !set {
			page = 1
		}
		if page < 1 {
			return span{}, coded(codeBadRequest, fmt.Sprintf("there is no page %d: the first page is 1", page))
		}
		size := fusionSize(offset, "perPage")
		return s.span((page-1)*size, size), nil
	}
	_, first := numberAt(cursor, "first")
	_, last := numberAt(cursor, "last")
	_, after := textAt(cursor, "after")
	_, before := textAt(cursor, "before")
	if first == last || after && !first || before && !last {
		return span{}, coded(codeBadRequest, "a cursor has first with or without after, or last with or without before")
	}
	l := &listing{Strategy: "relay", Limit: "first", Cursor: "after"}
	if last {
		bounded := map[string]any{"last": fusionSize(cursor, "last")}
		if before {
			bounded["before"] = cursor["before"]
		}
		return s.after(l, bounded, fusionSize(cursor, "last"))
	}
	return s.after(l, cursor, fusionSize(cursor, "first"))
}

// fusionSize returns the size of a page.
func fusionSize(in map[string]any, name string) int {
	size, _ := numberAt(in, name)
	if size <= 0 {
		size = fusionPage
	}
	return min(size, maxFusionPage)
}

// fusionFiles lists files of cases, which a query finds that is a condition.
func (c *call) fusionFiles(args map[string]any) (source, error) {
	text, _ := textAt(args, "arguments.query")
	if _, err := c.predicate(text, knownFileField); err != nil {
		return source{}, err
	}
	return c.listFiles(args)
}

// fusionEvidence returns the evidence of a case.
func fusionEvidence(c *call, k *corpus.Case) any {
	object := caseEvidence(c, k).(row)
	object["searchQueriesEvidence"] = evidence(k, "searchQueryId", k.Queries)
	return object
}

// oneFusionCase returns the case with the ID at a path of the arguments, or the successor's error.
func oneFusionCase(path string, convert func(*call, *corpus.Case) any) operation {
	return func(c *call, args map[string]any) (any, error) {
		id, _ := textAt(args, path)
		k := c.readCase(id)
		if k == nil {
			return nil, notFound("there is no case " + id)
		}
		return convert(c, k), nil
	}
}

// caseSettings returns an operation that lists settings of cases, none for a tenant that has not
// moved.
func caseSettings(name string, ids []string, convert func(*call, string) any) operation {
	return func(c *call, _ map[string]any) (any, error) {
		if !c.moved() {
			return row{name: []any{}}, nil
		}
		return row{name: rows(ids, func(id string) any { return convert(c, id) })}, nil
	}
}

// linkOf returns a link of a case, and the case.
func (c *call) linkOf(id string) (*corpus.Case, int, error) {
	is := func(l corpus.Link) bool { return l.ID == id }
	found := c.scope.allCases(func(k *corpus.Case) bool { return slices.ContainsFunc(k.Fusion.Links, is) })
	if len(found) == 0 {
		return nil, 0, notFound("there is no link " + id)
	}
	k := c.scope.Cases.At(found[0])
	return k, slices.IndexFunc(k.Fusion.Links, is), nil
}
