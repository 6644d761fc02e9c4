package emulator

// list returns the rows of an operation with pages.
type list func(*call, map[string]any) (source, error)

// lists are the operations whose pages have records. All others have generated rows.
var lists = map[string]list{
	"investigationsV2":     (*call).listInvestigationsV2,
	"cases":                (*call).listCases,
	"allInvestigations":    (*call).listInvestigations,
	"investigationsSearch": (*call).listInvestigations,
}

// listed returns a page of an operation.
func (c *call) listed(l *listing, args map[string]any) (any, error) {
	rows := lists[c.r.URL.Path+" "+l.Operation]
	if rows == nil {
		rows = lists[l.Operation]
	}
	if rows == nil {
		return example{name: l.Operation}, nil
	}
	s, err := rows(c, args)
	if err != nil {
		return nil, err
	}
	return c.page(c.casesListing(l, args), args, s)
}

// casesListing returns how an operation pages. The operation cases has two ways, of which a request
// uses one.
func (c *call) casesListing(l *listing, args map[string]any) *listing {
	if l.Operation != "cases" || at(args, "arguments.pagination.offset") == nil {
		return l
	}
	numbered := *l
	first := 1
	numbered.Strategy, numbered.FirstPage = "page-number", &first
	numbered.Limit, numbered.Cursor = "arguments.pagination.offset.perPage", "arguments.pagination.offset.page"
	return &numbered
}
