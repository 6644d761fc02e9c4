package emulator

import (
	"strings"

	"github.com/taegis-go/taegis/core"
)

// list returns the rows of an operation with pages.
type list func(*call, map[string]any) (source, error)

// lists are the operations whose pages have records. All others have generated rows.
var lists = map[string]list{
	"investigationsV2":     (*call).listInvestigationsV2,
	"cases":                (*call).listCases,
	"allInvestigations":    (*call).listInvestigations,
	"investigationsSearch": (*call).listInvestigations,
	"clients":              (*call).listClients,
	"clientsSearch":        (*call).searchClients,
	"commentsV2":           (*call).listComments,
	"caseComments":         (*call).listComments,
	"investigationFilesV2": (*call).listFiles,
	"caseFiles":            (*call).listFiles,
	"allAudits":            listAudits("allAuditsInput"),
	"searchAudits":         listAudits("auditSearchInput"),
	"tdrusers":             (*call).listUsers,
	"tdrUsersSearch":       (*call).searchUsers,
	"rules":                listRules(liveRule),
	"allRules":             listRules(liveRule),
	"deletedRules":         listRules(deletedRule),
	"rulesForEvent":        listRules(ruleForEvent),
	"searchRules":          listRules(ruleWithText),
	"tenants":              listTenants(tenantV4),
	"assetsV2":             listAssets(assetObject),
	"exportAssetsV2":       listAssets(assetRow),
	"assetsHostname":       listAssets(assetHostname),
	"assetsIPAddress":      listAssets(assetIP),
	"assetsMacAddress":     listAssets(assetMAC),
	"allAssets":            listAssets(assetObject),
	"searchAssets":         listAssets(assetObject),
	"searchAssetsV2":       listAssets(assetObject),

	"/public/query tenants": listTenants(tenantV3),

	pathFusionGraphQL + " caseComments": (*call).listComments,
	pathFusionGraphQL + " caseFiles":    (*call).fusionFiles,
}

// listed returns a page of an operation.
func (c *call) listed(l *listing, args map[string]any) (any, error) {
	rows := lists[c.r.URL.Path+" "+l.Operation]
	if rows == nil && c.platform() == core.PlatformTaegis {
		rows = lists[l.Operation]
	}
	if rows == nil {
		return c.page(l, args, c.exampleRows(l, args))
	}
	s, err := rows(c, args)
	if err != nil {
		return nil, err
	}
	return c.page(c.casesListing(l, args), args, s)
}

// exampleRows returns generated rows for an operation without records.
func (c *call) exampleRows(l *listing, args map[string]any) source {
	name := l.Items[strings.LastIndexByte(l.Items, '.')+1:]
	if name == "$" {
		name = l.Operation
	}
	s := source{length: c.config.Corpus.withDefaults().Rows, at: func(i int) any { return example{name: name, n: i} }}
	if most, given := numberAt(args, "maxResults"); given && l.Operation == "processChildren" {
		s.length = min(s.length, max(most, 0))
	}
	switch l.Operation {
	case "threatWatchlist": // all of them without a page
		if at(args, "page") == nil {
			s.whole = true
		}
	case "entityContextRelatedResources": // three lists share the range
		s.also = []string{"relatedAlerts", "relatedInvestigations"}
	case "threatIntelligence": // the list depends on the type of objects
		s.also = []string{"intel.malwares", "intel.groups"}
	}
	return s
}

// listSubscription returns the message of a subscription that sends a page.
func (c *call) listSubscription(l *listing, args map[string]any) (any, error) {
	page, err := c.listed(l, args)
	if err != nil {
		return nil, err
	}
	if answer, ok := page.(record); ok {
		answer["isNewNotification"] = false
	}
	return messages{page}, nil
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
