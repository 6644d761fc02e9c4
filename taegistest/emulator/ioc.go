package emulator

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// dayForm is how the IOC services write days.
const dayForm = "20060102"

// dayOf parses a day.
func dayOf(text string) (time.Time, bool) {
	day, err := time.Parse(dayForm, text)
	return day, err == nil
}

// iocArguments are the arguments of a count of events by indicators.
type iocArguments struct {
	EventTypeFilter   []string
	Earliest, Latest  string
	Limit             int
	LogicalTypeFilter struct {
		Values                []string
		LogicalType, Operator string
	}
	TenantsContext struct{ TenantIDs []string }
	// Offset is the first row of a further page.
	Offset int `json:",omitempty"`
}

// iocCount is a row: the events of a type and a day with a value.
type iocCount struct {
	value, eventType, date string
	count                  int
	tenants                map[string]int
}

// countIOCs counts events by indicators and days. Today has no counts: it is an error in addition
// to the other days.
func (c *call) countIOCs(args struct{ Arguments iocArguments }) (any, error) {
	in := args.Arguments
	first, ok := dayOf(in.Earliest)
	last, okay := dayOf(in.Latest)
	if !ok || !okay || last.Before(first) {
		return nil, badInput("earliest and latest are days such as 20260201")
	}
	matches, err := in.matcher()
	if err != nil {
		return nil, badInput(err.Error())
	}
	today := c.scope.now.UTC().Truncate(24 * time.Hour)
	missing := []string{}
	if !last.Before(today) {
		missing = append(missing, today.Format(dayForm))
		last = today.AddDate(0, 0, -1)
	}
	counts := c.iocCounts(in, first, last, matches)
	size := orDefault(max(in.Limit, 0), defaultPerPage)
	start := min(max(in.Offset, 0), len(counts))
	end := min(start+size, len(counts))
	answer := row{"backendStrategy": "ATHENA", "results": rows(counts[start:end], (*iocCount).object)}
	if end < len(counts) {
		in.Offset = end
		text, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		answer["next"] = base64.RawURLEncoding.EncodeToString(text)
	}
	if len(missing) > 0 {
		answer["error"] = row{"message": "no data for today", "unavailableDates": missing}
	}
	return answer, nil
}

// iocPage returns a further page of counts.
func (c *call) iocPage(args struct {
	NextToken string
	Limit     int
},
) (any, error) {
	var in iocArguments
	text, err := base64.RawURLEncoding.DecodeString(args.NextToken)
	if err == nil {
		err = json.Unmarshal(text, &in)
	}
	if err != nil || in.Offset == 0 {
		return nil, notFound("there is no page " + args.NextToken)
	}
	in.Limit = orDefault(args.Limit, in.Limit)
	return c.countIOCs(struct{ Arguments iocArguments }{in})
}

// matcher returns which of the wanted values a value matches, "" for none.
func (in iocArguments) matcher() (func(string) string, error) {
	if in.LogicalTypeFilter.Operator != "MATCHES_REGEX" {
		return func(value string) string {
			i := slices.IndexFunc(in.LogicalTypeFilter.Values, func(want string) bool { return strings.EqualFold(want, value) })
			if i < 0 {
				return ""
			}
			return value
		}, nil
	}
	expression, err := regexp.Compile("(?i)" + strings.Join(in.LogicalTypeFilter.Values, "|"))
	return func(value string) string {
		if !expression.MatchString(value) {
			return ""
		}
		return value
	}, err
}

// iocCounts counts the events from the first to the last day, both included.
func (c *call) iocCounts(in iocArguments, first, last time.Time, matches func(string) string) []*iocCount {
	byKey := map[string]*iocCount{}
	logical := strings.ToLower(in.LogicalTypeFilter.LogicalType)
	latest := last.AddDate(0, 0, 1).Add(-1)
	p := plan{earliest: first, latest: latest, holds: always}
	found := (&eventSearch{scope: c.scope, options: eventOptions{ascending: true}}).find(p, corpus.EventTypes())
	for of, indexes := range found {
		if len(in.EventTypeFilter) > 0 && !slices.Contains(in.EventTypeFilter, of.Name) {
			continue
		}
		for _, index := range indexes {
			e := c.scope.Events.At(index)
			if len(in.TenantsContext.TenantIDs) > 0 && !slices.Contains(in.TenantsContext.TenantIDs, e.Tenant) {
				continue
			}
			for _, value := range e.Logical(logical) {
				text := matches(fmt.Sprint(value))
				if text == "" {
					continue
				}
				date := e.Created.UTC().Format(time.DateOnly)
				key := text + "\x00" + of.Name + "\x00" + date
				if byKey[key] == nil {
					byKey[key] = &iocCount{value: text, eventType: of.Name, date: date, tenants: map[string]int{}}
				}
				byKey[key].count++
				byKey[key].tenants[e.Tenant]++
			}
		}
	}
	counts := make([]*iocCount, 0, len(byKey))
	for _, count := range byKey {
		counts = append(counts, count)
	}
	slices.SortFunc(counts, func(a, b *iocCount) int {
		return cmp.Or(strings.Compare(a.date, b.date), strings.Compare(a.value, b.value), strings.Compare(a.eventType, b.eventType))
	})
	return counts
}

func (n *iocCount) object() any {
	ids := make([]string, 0, len(n.tenants))
	for id := range n.tenants {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return row{
		"matchingValue": n.value, "eventType": n.eventType, "date": n.date, "count": n.count,
		"countsByTenant": rows(ids, func(id string) any { return row{"tenantId": id, "count": n.tenants[id]} }),
	}
}
