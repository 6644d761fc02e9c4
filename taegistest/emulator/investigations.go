package emulator

// paging holds the arguments of a search with pages.
type paging struct {
	Page    int // from 1
	PerPage int
}

// of returns the examples of the page, and whether more pages follow.
func (p paging) of(total int, name string) (items []any, more bool) {
	size := orDefault(max(p.PerPage, 0), defaultPerPage)
	first := (max(p.Page, 1) - 1) * size
	return examples(name, first, min(first+size, total)), first+size < total
}

func (c *call) allInvestigations(args paging) (any, error) {
	items, _ := args.of(resultCount(c.config.Investigations), "investigations")
	return items, nil
}

func (c *call) searchInvestigations(args paging) (any, error) {
	total := resultCount(c.config.Investigations)
	items, _ := args.of(total, "investigations")
	return record{"totalCount": total, "investigations": items}, nil
}

func (c *call) searchInvestigationsV2(args struct{ Arguments paging }) (any, error) {
	return c.searchInvestigations(args.Arguments)
}

type casesArgs struct {
	Arguments struct {
		Pagination struct{ Offset paging }
	}
}

func (c *call) searchCases(args casesArgs) (any, error) {
	total, page := resultCount(c.config.Investigations), args.Arguments.Pagination.Offset
	items, more := page.of(total, "cases")
	return record{"totalCount": total, "cases": items, "pageInfo": record{
		"hasNextPage": more, "hasPreviousPage": page.Page > 1, "startCursor": nil, "endCursor": nil,
	}}, nil
}
