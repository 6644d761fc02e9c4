package emulator

import (
	"strings"
	"time"

	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// Statuses of cases on the successor are those of Taegis in lower case, except that there is only
// one status of a closed case, and the verdict says why.
const (
	statusNew    = "new"
	statusClosed = "closed"
)

// statusID returns the ID of the primary status of a case.
func statusID(k *corpus.Case) string {
	switch {
	case k.IsClosed():
		return statusClosed
	case k.Status == "OPEN":
		return statusNew
	}
	return strings.ToLower(k.Status)
}

// verdictID returns the ID of the primary verdict of a case, "" if it has none.
func verdictID(k *corpus.Case) string {
	verdict, closed := strings.CutPrefix(k.Status, "CLOSED_")
	if !closed {
		return ""
	}
	return strings.ToLower(verdict)
}

// severity returns the severity of a case, from 2 to 10.
func severity(k *corpus.Case) int {
	if own := k.Fusion.Severity; own != 0 && own/2 == k.Priority {
		return own
	}
	return 2 * k.Priority
}

// setSeverity sets the severity, and the priority that follows from it.
func setSeverity(k *corpus.Case, n int) { k.Fusion.Severity, k.Priority = n, n/2 }

// fusionCase returns a case as the successor does.
func (c *call) fusionCase(k *corpus.Case) any {
	object := c.caseOf(k).(row)
	object["severity"], object["assigneeId"] = severity(k), k.Assignee
	object["keyFindings"] = row{"content": k.Findings, "documentVersion": "1.0", "documentType": "MARKDOWN"}
	object["type"], object["primaryStatus"] = c.caseType(strings.ToLower(k.Type)), c.caseStatus(statusID(k))
	object["primaryVerdict"], object["secondaryVerdict"] = c.namedOrNil(verdictID(k)), c.namedOrNil(k.Fusion.SecondaryVerdict)
	object["secondaryStatus"], object["secondaryStatusReason"] = c.namedOrNil(k.Fusion.SecondaryStatus), texts(k.Fusion.Reasons)
	object["contributorSubjects"] = references(contributors(k))
	object["tags"], object["managedBy"] = texts(k.Tags), optionalText(k.Fusion.ManagedBy)
	object["source"], object["incidentAdvisorId"] = c.namedOrNil(k.Fusion.Source), optionalText(k.Fusion.Advisor)
	object["queue"] = row{"referenceId": optionalText(k.Fusion.QueueID), "name": optionalText(k.Fusion.Queue)}
	object["links"] = rows(k.Fusion.Links, func(l corpus.Link) any { return linkObject(k, l) })
	if k.Assignee == "" {
		object["assigneeSubject"] = nil
	}
	if k.IsClosed() {
		object["closedById"] = k.Author
	}
	return object
}

// texts returns a list that is not nil.
func texts(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func linkObject(k *corpus.Case, l corpus.Link) row {
	return row{
		"id": l.ID, "caseId": k.CaseID, "reference": optionalText(l.Reference), "url": l.URL, "title": optionalText(l.Title),
		"type": optionalText(l.Type), "createdAt": isoTime(l.Created), "createdById": k.Author,
		"updatedAt": isoTime(l.Updated), "updatedById": k.Author, "isInternal": l.Internal,
	}
}

// named returns a record of the tenant's settings of cases with an ID.
func (c *call) named(id string) row {
	created := isoTime(time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC))
	return row{
		"id": id, "name": id, "title": strings.ReplaceAll(id, "_", " "), "tenantId": c.scope.tenant,
		"createdById": "system", "createdAt": created, "updatedById": "system", "updatedAt": created,
	}
}

func (c *call) namedOrNil(id string) any {
	if id == "" {
		return nil
	}
	r := c.named(id)
	r["supportedSecondaryVerdicts"], r["allowedSubstatusReasons"], r["automationOnly"] = []any{}, []string{}, false
	r["allowedNextSources"] = []any{}
	return r
}

// The tenant's settings of cases.
var (
	fusionTypes         = []string{"security_investigation", "incident_response", "threat_hunt", "health_check"}
	fusionStatuses      = []string{statusNew, "active", "awaiting_action", "suspended", "draft", statusClosed}
	fusionVerdicts      = distinctVerdicts()
	fusionSecondary     = []string{"waiting_for_vendor", "waiting_for_user"}
	fusionSources       = []string{"manual", "detection"}
	fusionNextVerdicts  = []string{"confirmed", "suspected"}
	providerManagedOnly = []string{"threat_hunt", "health_check"}
)

// distinctVerdicts returns the verdicts that the closed statuses of Taegis name.
func distinctVerdicts() []string {
	var list []string
	for _, status := range corpus.CaseStatuses {
		if verdict, closed := strings.CutPrefix(status, "CLOSED_"); closed {
			list = append(list, strings.ToLower(verdict))
		}
	}
	return list
}

func (c *call) caseType(id string) row {
	r := c.named(id)
	r["supportedPrimaryStatusIds"], r["supportedPrimaryStatuses"] = fusionStatuses, rows(fusionStatuses, func(id string) any { return c.caseStatus(id) })
	r["supportedSecondaryStatusIds"], r["supportedSecondaryStatuses"] = fusionSecondary, rows(fusionSecondary, c.namedOrNil)
	r["supportedPrimaryVerdictIds"], r["supportedPrimaryVerdicts"] = fusionVerdicts, rows(fusionVerdicts, c.namedOrNil)
	r["allowedNextTypes"] = []any{}
	for _, provider := range providerManagedOnly {
		if id == provider {
			r["managedBy"] = "PROVIDER"
		}
	}
	return r
}

func (c *call) caseStatus(id string) row {
	r := c.named(id)
	r["isClosed"], r["isCaseVisibleToCustomers"] = id == statusClosed, true
	r["supportedSecondaryStatuses"] = []any{}
	return r
}
