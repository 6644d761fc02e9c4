package emulator

import (
	"fmt"
	"slices"
	"time"

	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// resolution is what an alert is resolved with.
type resolution struct {
	Status      string `json:"resolution_status"`
	Reason      string
	UserID      string   `json:"user_id"`
	RequestedAt *seconds `json:"requested_at"`
}

// settable reports whether a caller may set the status.
func (r resolution) settable() bool {
	return slices.Contains(corpus.Statuses, r.Status) && r.Status != "AUTO_CLOSE" && r.Status != "DISMISSED"
}

// resolve resolves an alert.
func (c *call) resolve(a *corpus.Alert, r resolution, now time.Time) {
	user := orDefault(r.UserID, c.owner.subject())
	c.scope.ChangeAlert(a.Index(), "RESOLVE", now, func(changed *corpus.Alert) {
		changed.Status, changed.Reason = r.Status, r.Reason
		if changed.FirstResolved.IsZero() && r.Status != "OPEN" {
			changed.FirstResolved = now
		}
		changed.Resolutions = append(slices.Clip(changed.Resolutions), corpus.Resolution{
			ID: fmt.Sprintf("%s:%d", changed.ID(), len(changed.Resolutions)+1), Status: r.Status, Reason: r.Reason,
			User: user, Time: now,
		})
	})
}

type resolveAlertsArgs struct {
	In struct {
		resolution
		AlertIDs []string `json:"alert_ids"`
	}
}

// resolveAlerts resolves alerts by their IDs. Its answer is for all of them: if one is unknown or
// fails, it is FAILED, and the others are resolved.
func (c *call) resolveAlerts(args resolveAlertsArgs) (any, error) {
	if !args.In.settable() {
		return nil, badInput("the status " + args.In.Status + " cannot be set")
	}
	failed := 0
	for i, id := range args.In.AlertIDs {
		a, ok := c.alert(id)
		if !ok || c.config.Behavior.fails(i+1) {
			failed++
			continue
		}
		c.resolve(a, args.In.resolution, c.scope.now.UTC())
	}
	if failed > 0 {
		return row{"resolution_status": "FAILED", "reason": fmt.Sprintf("%d of %d updates failed", failed, len(args.In.AlertIDs))}, nil
	}
	return row{"resolution_status": "SUCCESS", "reason": "feedback updates successfully applied"}, nil
}

type bulkResolveArgs struct {
	In struct {
		resolution
		Query string
	}
}

// bulkSteps is the number of messages about the progress of a bulk resolution.
const bulkSteps = 3

// bulkResolveAlerts resolves what a query finds, in steps of which each has a message. The work goes
// on if the client leaves.
func (c *call) bulkResolveAlerts(args bulkResolveArgs) (any, error) {
	if !args.In.settable() {
		start := row{"total_hits": 0, "total_done": 0, "total_failed": 0, "is_complete": false, "resolution_status": "SUCCESS"}
		return messages{start, row{"resolution_status": "FAILED", "is_complete": true, "reason": "the status cannot be set"}}, nil
	}
	query, err := c.newAlertQuery(args.In.Query)
	if err != nil {
		return nil, badInput(err.Error())
	}
	found := query.run().Rows
	done, failed := 0, 0
	var list messages
	for step := range bulkSteps {
		for i := len(found) * step / bulkSteps; i < len(found)*(step+1)/bulkSteps; i++ {
			if c.config.Behavior.fails(i + 1) {
				failed++
				continue
			}
			a := c.scope.Alerts.At(found[i])
			c.resolve(a, args.In.resolution, c.scope.now.UTC())
			c.e.journal.recordChanged(a.ID())
			done++
		}
		list = append(list, row{
			"total_hits": len(found), "total_done": done, "total_failed": failed,
			"is_complete": step == bulkSteps-1, "resolution_status": "SUCCESS", "reason": "",
		})
	}
	return list, nil
}

type investigateAlertsArgs struct {
	In struct {
		InvestigationID string `json:"investigation_id"`
		Alerts          []string
		Query           string
		Operation       string
	}
}

// investigateAlerts adds alerts to a case or removes them from it, by their IDs or a query.
func (c *call) investigateAlerts(args investigateAlertsArgs) (any, error) {
	k, ok := c.caseByID(args.In.InvestigationID)
	if !ok {
		return nil, notFound("there is no investigation " + args.In.InvestigationID)
	}
	ids := args.In.Alerts
	if args.In.Query != "" {
		query, err := c.newAlertQuery(args.In.Query)
		if err != nil {
			return nil, badInput(err.Error())
		}
		for _, index := range query.run().Rows {
			ids = append(ids, c.scope.Alerts.At(index).ID())
		}
	}
	if args.In.Operation == "DELETE" {
		c.detach(k, ids)
	} else {
		c.attach(k, ids)
	}
	return row{"id": k.CaseID, "status": "SUCCESS", "events": []string{}, "assets": []string{}}, nil
}

// attach adds alerts to a case, each once.
func (c *call) attach(k *corpus.Case, ids []string) {
	now := c.scope.now.UTC()
	for _, id := range ids {
		if a, ok := c.alert(id); ok && !slices.Contains(a.Cases, k.CaseID) {
			c.scope.ChangeAlert(a.Index(), "INVESTIGATE", now, func(changed *corpus.Alert) {
				changed.Cases = append(slices.Clip(changed.Cases), k.CaseID)
				changed.FirstInvestigated = orDefault(changed.FirstInvestigated, now)
			})
		}
	}
	c.changeCase(k, func(changed *corpus.Case) { changed.Alerts = distinct(slices.Concat(changed.Alerts, ids)) })
}

// detach removes alerts from a case.
func (c *call) detach(k *corpus.Case, ids []string) {
	for _, id := range ids {
		if a, ok := c.alert(id); ok {
			c.scope.ChangeAlert(a.Index(), "INVESTIGATE", c.scope.now.UTC(), func(changed *corpus.Alert) {
				changed.Cases = without(changed.Cases, k.CaseID)
			})
		}
	}
	c.changeCase(k, func(changed *corpus.Case) { changed.Alerts = without(changed.Alerts, ids...) })
}

// without returns the texts that are not among the others.
func without(list []string, others ...string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(text string) bool { return slices.Contains(others, text) })
}

type threatScoreArgs struct {
	In struct {
		Score   *float64 `json:"threat_score"`
		ScoreV2 *float64 `json:"threat_score_v2"`
		Alerts  []struct {
			ID      string   `json:"alert_id"`
			Score   *float64 `json:"threat_score"`
			ScoreV2 *float64 `json:"threat_score_v2"`
		} `json:"alert_ids"`
	}
}

// setThreatScores sets the scores of alerts.
func (c *call) setThreatScores(args threatScoreArgs) (any, error) {
	status := "SUCCESS"
	for _, entry := range args.In.Alerts {
		a, ok := c.alert(entry.ID)
		if !ok {
			status = "FAILED"
			continue
		}
		for _, score := range []*float64{entry.ScoreV2, entry.Score, args.In.ScoreV2, args.In.Score} {
			if score != nil {
				c.scope.ChangeAlert(a.Index(), "UPDATE", c.scope.now.UTC(), func(changed *corpus.Alert) { changed.ThreatScore = *score })
				break
			}
		}
	}
	return row{"status": status}, nil
}
