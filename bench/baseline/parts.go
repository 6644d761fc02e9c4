package baseline

import (
	"context"
	"fmt"
)

const poll = "query alertsServicePoll($in: PollRequestInput) { alertsServicePoll(in: $in)\n"

type pollInput struct {
	SearchID string `json:"search_id"`
	Part     int    `json:"part_id"`
}

type searchInput struct {
	Query string `json:"cql_query"`
	Limit int    `json:"limit"`
}

// Each calls do for each alert of a search: those of the first answer and of all further parts. It
// returns an error if a part is missing, failed or came in place of another, and if the number of
// alerts is not that of the search.
func (c *Client) Each(ctx context.Context, limit int, do func(*Alert)) error {
	first := request{search + PartsSelection + " }", "alertsServiceSearch", variables{searchInput{CQL, limit}}}
	page, err := c.call(ctx, first)
	if err != nil {
		return err
	}
	id, total, parts, count := page.SearchID, page.Alerts.TotalResults, page.Alerts.TotalParts, 0
	for part := 1; ; part++ {
		if page.Status != "OK" || page.Alerts.Part != part {
			return fmt.Errorf("part %d: %s, part %d", part, page.Status, page.Alerts.Part)
		}
		for i := range page.Alerts.List {
			do(&page.Alerts.List[i])
		}
		count += len(page.Alerts.List)
		if part >= parts {
			break
		}
		next := variables{pollInput{id, part + 1}}
		if page, err = c.call(ctx, request{poll + PartsSelection + " }", "alertsServicePoll", next}); err != nil {
			return err
		}
	}
	if count != total {
		return fmt.Errorf("%d alerts, the search has %d", count, total)
	}
	return nil
}
