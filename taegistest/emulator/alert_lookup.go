package emulator

import (
	"slices"
	"strings"
	"time"

	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

type alertsByIDArgs struct {
	In struct {
		IDs []string `json:"iDs"`
	}
}

// alertsByID returns alerts by their IDs. It omits unknown ones.
func (c *call) alertsByID(args alertsByIDArgs) (any, error) {
	list := []any{}
	for _, id := range args.In.IDs {
		if a, ok := c.alert(id); ok {
			list = append(list, alertObject{a})
		}
	}
	return alertList(list), nil
}

// alertList returns alerts on one page.
func alertList(list []any) row {
	alerts := row{"total_parts": 1, "part": 1, "list": list}
	if len(list) > 0 {
		alerts["total_results"] = len(list)
	}
	return row{"status": "OK", "alerts": alerts}
}

// alertsBy returns a function that returns the alerts with one of several values.
func alertsBy(values func(*corpus.Alert) []string) operation {
	return op(func(c *call, args alertsByIDArgs) (any, error) {
		return alertList(c.visibleAlerts(func(a *corpus.Alert) bool {
			return slices.ContainsFunc(values(a), func(value string) bool { return slices.Contains(args.In.IDs, value) })
		})), nil
	})
}

// visibleAlerts returns the alerts of all times that match, newest first.
func (c *call) visibleAlerts(match func(*corpus.Alert) bool) []any {
	list := []any{}
	c.eachAlert(time.Time{}, c.scope.now, func(a *corpus.Alert) {
		if match(a) {
			list = append(list, alertObject{a})
		}
	})
	return list
}

// eachAlert calls visit for the alerts that the request may see and that were created in a window,
// newest first.
func (c *call) eachAlert(earliest, latest time.Time, visit func(*corpus.Alert)) {
	p := plan{earliest: earliest, latest: latest, holds: always}
	for _, index := range (alertQuery{plan: p, scope: c.scope}).find() {
		visit(c.scope.Alerts.At(index))
	}
}

// hostsOf returns what identifies the host of an alert.
func hostsOf(a *corpus.Alert) []string { return []string{a.Host(), a.HostID()} }

type countByTenantArgs struct {
	In struct {
		Query string `json:"ql_query"`
	}
}

// countAlertsByTenant counts the alerts that a query finds, without its functions.
func (c *call) countAlertsByTenant(args countByTenantArgs) (any, error) {
	query, err := c.newAlertQuery(args.In.Query)
	if err != nil {
		return nil, badInput(err.Error())
	}
	counts := map[string]int{}
	for _, index := range query.find() {
		counts[c.scope.Alerts.At(index).Tenant]++
	}
	items := []any{}
	for _, number := range c.scope.tenants() {
		if id := c.scope.TenantAt(number).ID; counts[id] > 0 {
			items = append(items, row{"count": counts[id], "tenant": row{"id": id}})
		}
	}
	return row{"items": items}, nil
}

// seconds is a Timestamp in the arguments.
type seconds struct{ Seconds, Nanos int64 }

// time returns the time, or the other one if it is not given.
func (s *seconds) time(otherwise time.Time) time.Time {
	if s == nil {
		return otherwise
	}
	return time.Unix(s.Seconds, s.Nanos)
}

type aggregateAlertsArgs struct {
	In struct {
		Limit            int
		GroupBy          string `json:"group_by"`
		Earliest, Latest *seconds
	}
}

// aggregateAlerts counts alerts per band of severity, in groups.
func (c *call) aggregateAlerts(args aggregateAlertsArgs) (any, error) {
	latest := args.In.Latest.time(c.scope.now)
	groups := map[string]row{}
	var keys []string
	c.eachAlert(args.In.Earliest.time(latest.Add(-24*time.Hour)), latest, func(a *corpus.Alert) {
		key := groupOf(a, args.In.GroupBy)
		if groups[key] == nil {
			groups[key] = row{"info": 0, "low": 0, "medium": 0, "high": 0, "critical": 0}
			keys = append(keys, key)
		}
		groups[key][band(a.Severity)] = groups[key][band(a.Severity)].(int) + 1
	})
	count := func(key string) int {
		n := 0
		for _, of := range groups[key] {
			n += of.(int)
		}
		return n
	}
	slices.SortFunc(keys, func(a, b string) int {
		if order := count(b) - count(a); order != 0 {
			return order
		}
		return strings.Compare(a, b)
	})
	if args.In.Limit > 0 {
		keys = keys[:min(args.In.Limit, len(keys))]
	}
	return row{"aggregation": rows(keys, func(key string) any {
		return row{"key": key, "count": count(key), "severities": groups[key]}
	})}, nil
}

// groupOf returns the value by which alerts are grouped.
func groupOf(a *corpus.Alert, by string) string {
	switch by {
	case "DOMAIN":
		return a.Entities()[4].Value
	case "HOSTNAME":
		return a.Host()
	case "USER":
		return a.Entities()[0].Value
	default:
		id, _ := a.Detector()
		return id
	}
}

// band returns the name of a severity's band, whose lower end belongs to it.
func band(severity float64) string {
	switch {
	case severity < 0.2:
		return "info"
	case severity < 0.4:
		return "low"
	case severity < 0.6:
		return "medium"
	case severity < 0.8:
		return "high"
	}
	return "critical"
}

// alertHistory returns all versions of an alert by time, the oldest first.
func (c *call) alertHistory(args struct{ ID string }) (any, error) {
	a, ok := c.alert(args.ID)
	if !ok {
		return nil, notFound("there is no alert " + args.ID)
	}
	created := *a
	if len(a.Changes) > 0 {
		created.Status, created.Reason, created.Updated = "OPEN", "", a.Inserted
		created.FirstResolved, created.Resolutions = time.Time{}, nil
	}
	history := []any{row{"id": a.ID() + ":0", "time": timestamp(a.Inserted), "type": "CREATE", "alert": alertObject{&created}}}
	for i, change := range a.Changes {
		history = append(history, row{
			"id": a.ID() + ":" + valueText(i+1), "time": timestamp(change.Time), "type": change.Type,
			"alert": alertObject{change.Alert},
		})
	}
	return history, nil
}
