package emulator

import (
	"fmt"
	"maps"
	"sync"
)

// shareLinks holds the share links by their IDs.
type shareLinks struct {
	mu   sync.Mutex
	byID map[string]row
}

// add stores a link of an input.
func (s *shareLinks) add(c *call, input map[string]any) row {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID == nil {
		s.byID = map[string]row{}
	}
	link := row{}
	maps.Copy(link, input)
	link["id"] = fmt.Sprintf("share-%d", len(s.byID)+1)
	link["tenantId"] = orDefault(textOf(input["tenantId"]), c.scope.tenant)
	link["createdTime"] = instant(c.scope.now)
	extra, _ := input["extraParameters"].([]any)
	link["extraParameters"] = rows(extra, func(item any) any {
		members, _ := item.(map[string]any)
		return row(members)
	})
	s.byID[link["id"].(string)] = link
	return link
}

// createShareLink creates a share link.
func (c *call) createShareLink(args map[string]any) (any, error) {
	input, _ := args["input"].(map[string]any)
	return c.e.shares.add(c, input), nil
}

// createShareLinks creates several share links.
func (c *call) createShareLinks(args map[string]any) (any, error) {
	inputs, _ := args["input"].([]any)
	return rows(inputs, func(item any) any {
		input, _ := item.(map[string]any)
		return c.e.shares.add(c, input)
	}), nil
}

// shareLink returns a share link of a tenant that the request may see, nil if there is none.
func (c *call) shareLink(args struct{ ID string }) (any, error) {
	s := &c.e.shares
	s.mu.Lock()
	defer s.mu.Unlock()
	link, ok := s.byID[args.ID]
	if tenant, _ := link["tenantId"].(string); !ok || !c.scope.sees(tenant) {
		return nil, nil
	}
	return link, nil
}
