package emulator

import (
	"errors"
	"time"

	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// errMetrics is the error of a selection of a case's metrics.
var errMetrics = errors.New("the metrics of the case cannot be computed")

// caseObject is a case of the second version of the service, as the type InvestigationV2.
type caseObject struct {
	*corpus.Case
	metricsFail bool
}

func (k caseObject) resolve(field string, _ map[string]any) (any, error) {
	if (field == "metrics" || field == "metric") && k.metricsFail {
		return nil, errMetrics
	}
	if value := caseMembers[field]; value != nil {
		return value(k.Case), nil
	}
	return nil, nil
}

var caseMembers = map[string]func(*corpus.Case) any{
	"id":                         func(k *corpus.Case) any { return k.CaseID },
	"shortId":                    func(k *corpus.Case) any { return k.ShortID },
	"title":                      func(k *corpus.Case) any { return k.Title },
	"keyFindings":                func(k *corpus.Case) any { return optionalText(k.Findings) },
	"alertsEvidenceCount":        func(k *corpus.Case) any { return len(k.Alerts) },
	"assetsEvidenceCount":        func(k *corpus.Case) any { return len(k.Assets) },
	"eventsEvidenceCount":        func(k *corpus.Case) any { return len(k.Events) },
	"searchQueriesEvidenceCount": func(k *corpus.Case) any { return len(k.Queries) },
	"priority":                   func(k *corpus.Case) any { return k.Priority },
	"tags":                       func(k *corpus.Case) any { return k.Tags },
	"contributorIds":             func(k *corpus.Case) any { return contributors(k) },
	"contributorIDs":             func(k *corpus.Case) any { return contributors(k) },
	"assigneeId":                 func(k *corpus.Case) any { return optionalText(k.Assignee) },
	"tenantId":                   func(k *corpus.Case) any { return k.Tenant },
	"tenant":                     func(k *corpus.Case) any { return row{"id": k.Tenant} },
	"createdById":                func(k *corpus.Case) any { return k.Author },
	"updatedById":                func(k *corpus.Case) any { return k.UpdatedBy() },
	"createdBySubject":           func(k *corpus.Case) any { return row{"id": k.Author} },
	"updatedBySubject":           func(k *corpus.Case) any { return row{"id": k.Author} },
	"assigneeSubject":            func(k *corpus.Case) any { return row{"id": k.Assignee} },
	"createdAt":                  func(k *corpus.Case) any { return isoTime(k.Created) },
	"updatedAt":                  func(k *corpus.Case) any { return isoTime(k.Updated) },
	"archivedAt":                 func(k *corpus.Case) any { return isoTime(k.Archived) },
	"closedAt":                   func(k *corpus.Case) any { return isoTime(k.Closed) },
	"closeReason":                func(k *corpus.Case) any { return optionalText(k.Reason) },
	"ruleId":                     func(k *corpus.Case) any { return optionalText(k.RuleID) },
	"serviceDeskId":              func(k *corpus.Case) any { return optionalText(k.DeskID) },
	"serviceDeskType":            func(k *corpus.Case) any { return optionalText(k.DeskType) },
	"riskScore":                  func(k *corpus.Case) any { return k.Risk },
	"isCreatedByPartner":         func(*corpus.Case) any { return false },
	"alerts":                     func(k *corpus.Case) any { return k.Alerts },
	"assets":                     func(k *corpus.Case) any { return k.Assets },
	"events":                     func(k *corpus.Case) any { return k.Events },
	"searchQueries":              func(k *corpus.Case) any { return k.Queries },
	"alertsEvidence":             func(k *corpus.Case) any { return evidence(k, "alertId", k.Alerts) },
	"assetsEvidence":             func(k *corpus.Case) any { return evidence(k, "assetId", k.Assets) },
	"eventsEvidence":             func(k *corpus.Case) any { return evidence(k, "eventId", k.Events) },
	"searchQueriesEvidence":      func(k *corpus.Case) any { return evidence(k, "searchQuery", k.Queries) },
	"type":                       func(k *corpus.Case) any { return k.Type },
	"status":                     func(k *corpus.Case) any { return k.Status },
	"processingStatus":           func(k *corpus.Case) any { return processing(k) },
	"commentsCount": func(k *corpus.Case) any {
		return row{"total": len(k.Comments), "unread": 0}
	},
	"metrics": func(*corpus.Case) any { return example{name: "metrics"} },
	"metric":  func(*corpus.Case) any { return example{name: "metric"} },
}

// contributors returns the authors of a case and its comments.
func contributors(k *corpus.Case) []string {
	list := []string{k.Author}
	for _, comment := range k.Comments {
		list = append(list, comment.Author)
	}
	return distinct(list)
}

// evidence returns the evidence of one kind. name is the member with the ID.
func evidence(k *corpus.Case, name string, ids []string) []any {
	return rows(ids, func(id string) any {
		return row{
			"id": k.CaseID + ":" + id, "investigationId": k.CaseID, "caseId": k.CaseID, "tenantId": k.Tenant,
			"createdAt": isoTime(k.Created), "createdBy": k.Author, "isGenesis": true, name: id,
		}
	})
}

// processing returns the state of the background work on a case.
func processing(k *corpus.Case) row {
	status := row{}
	for _, kind := range []string{"alerts", "events", "assets"} {
		status[kind] = k.WorkState(kind)
	}
	status["detections"] = status["alerts"]
	return status
}

// isoTime returns a time as the services write it, nil for a zero time.
func isoTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return instant(t)
}

// distinct removes repetitions and empty texts from a list.
func distinct(list []string) []string {
	seen := map[string]bool{"": true}
	result := []string{}
	for _, text := range list {
		if !seen[text] {
			seen[text] = true
			result = append(result, text)
		}
	}
	return result
}
