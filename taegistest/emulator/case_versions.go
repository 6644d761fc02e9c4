package emulator

import (
	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// investigationV1 returns a case as the first version of the service does.
func investigationV1(k *corpus.Case) any {
	return row{
		"id": k.CaseID, "tenant_id": k.Tenant, "tags": k.Tags, "key_findings": optionalText(k.Findings),
		"description": k.Title, "created_at": isoTime(k.Created), "updated_at": isoTime(k.Updated),
		"created_by": k.Author, "status": k.Status, "contributors": contributors(k),
		"assignee_id": optionalText(k.Assignee), "archived_at": isoTime(k.Archived), "deleted_at": isoTime(k.Deleted),
		"latest_activity": isoTime(k.Updated), "priority": k.Priority, "type": k.Type, "investigationType": k.Type,
		"alerts_count": len(k.Alerts), "events_count": len(k.Events), "assets_count": len(k.Assets),
		"genesis_alerts_count": len(k.Alerts), "genesis_events_count": len(k.Events), "files_count": len(k.Files),
		"rn": "rn:investigation:" + k.CaseID, "shortId": k.ShortID, "closeReason": optionalText(k.Reason),
		"service_desk_id": optionalText(k.DeskID), "service_desk_type": optionalText(k.DeskType),
		"created_by_scwx": false, "created_by_partner": false, "alerts2": references(k.Alerts),
		"genesis_alerts2": references(k.Alerts), "events": references(k.Events), "assets": references(k.Assets),
		"alertsEvidence": evidence(k, "alertId", k.Alerts), "eventsEvidence": evidence(k, "eventId", k.Events),
		"assetsEvidence": evidence(k, "assetId", k.Assets), "comments_count": row{"total": len(k.Comments)},
		"processing_status": processing(k), "created_by_user": row{"id": k.Author},
	}
}

// caseOf returns a case as the third version of the service does.
func (c *call) caseOf(k *corpus.Case) any {
	return row{
		"id": k.CaseID, "shortId": k.ShortID, "title": k.Title, "severity": k.Priority, "tags": k.Tags,
		"contributorIds": contributors(k), "assigneeId": optionalText(k.Assignee), "tenantId": k.Tenant,
		"createdById": k.Author, "createdAt": isoTime(k.Created), "updatedById": k.UpdatedBy(),
		"updatedAt": isoTime(k.Updated), "archivedAt": isoTime(k.Archived), "closedAt": isoTime(k.Closed),
		"closeReason": optionalText(k.Reason), "riskScore": k.Risk, "ruleId": optionalText(k.RuleID),
		"isCreatedByPartner": false, "isCreatedByMDRProvider": false, "isCreatedByParent": false,
		"detectionsCount": len(k.Alerts), "eventsCount": len(k.Events), "assetsCount": len(k.Assets),
		"keyFindings":   row{"content": k.Findings, "documentVersion": "1", "documentType": "MARKDOWN"},
		"type":          row{"id": k.Type, "name": k.Type, "title": k.Type},
		"primaryStatus": primaryStatus(k.Status), "tenant": row{"id": k.Tenant},
		"createdBySubject": row{"id": k.Author}, "updatedBySubject": row{"id": k.Author},
		"assigneeSubject": row{"id": k.Assignee}, "processingStatus": processing(k), "links": []any{},
	}
}

// primaryStatus returns a status as an object with an ID.
func primaryStatus(status string) row {
	closed := (&corpus.Case{Status: status}).IsClosed()
	return row{"id": status, "name": status, "title": status, "isClosed": closed, "isCaseVisibleToCustomers": true}
}
