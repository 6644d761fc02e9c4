package emulator

import (
	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

func clientOperations() map[string]operation {
	return map[string]operation{
		"client":                  op((*call).client),
		"createClient":            op((*call).createClient),
		"rotateClientSecret":      op((*call).rotateSecret),
		"forceRotateClientSecret": op((*call).forceRotateSecret),
		"appendClientRoles":       op((*call).appendRoles),
		"removeClientRoles":       op((*call).removeRoles),
		"deleteClient":            op((*call).deleteClient),
		"currentSubject":          op((*call).currentSubject),
		"currentTDRUser":          op((*call).currentUser),
	}
}

// alertOperations are those of alerts. The operations of detections have the same functions.
func alertOperations() map[string]operation {
	return withAlternatives(map[string]operation{
		"alertsServiceSearch":                      op((*call).searchAlerts),
		"alertsServicePoll":                        op((*call).pollAlerts),
		"alertsServiceRetrieveAlertsById":          op((*call).alertsByID),
		"alertsServiceRetrieveAlertsByHost":        alertsBy(hostsOf),
		"alertsServiceRetrieveAlertsByEntity":      alertsBy(entityTexts),
		"alertsServiceRetrieveAlertsByGroupKey":    alertsBy(func(a *corpus.Alert) []string { return []string{a.GroupKey()} }),
		"alertsCountByTenant":                      op((*call).countAlertsByTenant),
		"alertsServiceAggregateAlertsBySeverity":   op((*call).aggregateAlerts),
		"alertHistoryByID":                         op((*call).alertHistory),
		"alertsServiceUpdateResolutionInfo":        op((*call).resolveAlerts),
		"alertsServiceUpdateInvestigationInfo":     op((*call).investigateAlerts),
		"alertsServiceBulkInvestigationsProcessor": op((*call).investigateAlerts),
		"alertsServiceUpdateThreatScore":           op((*call).setThreatScores),
		"alertsServiceUpdateThreatScoreV2":         op((*call).setThreatScores),
	}, map[string]string{
		"alertsServiceSearch":                      "detectionSearch",
		"alertsServicePoll":                        "detectionPoll",
		"alertsServiceRetrieveAlertsById":          "detectionRetrieveById",
		"alertsServiceRetrieveAlertsByHost":        "detectionRetrieveByHost",
		"alertsServiceRetrieveAlertsByEntity":      "detectionRetrieveByEntity",
		"alertsServiceRetrieveAlertsByGroupKey":    "detectionRetrieveByGroupKey",
		"alertsCountByTenant":                      "detectionCountByTenant",
		"alertsServiceAggregateAlertsBySeverity":   "detectionAggregatesBySeverity",
		"alertsServiceUpdateResolutionInfo":        "detectionUpdateResolutionInfo",
		"alertsServiceUpdateInvestigationInfo":     "detectionUpdateInvestigationInfo",
		"alertsServiceBulkInvestigationsProcessor": "detectionBulkInvestigationsProcessor",
		"alertsServiceUpdateThreatScore":           "detectionUpdateThreatScore",
		"alertsServiceUpdateThreatScoreV2":         "detectionUpdateThreatScoreV2",
	})
}

// withAlternatives adds operations with another name and the same function.
func withAlternatives(of map[string]operation, names map[string]string) map[string]operation {
	for name, alternative := range names {
		of[alternative] = of[name]
	}
	return of
}

func eventOperations() map[string]operation {
	return map[string]operation{
		"events":                 op((*call).eventsByID),
		"eventQuery":             op((*call).eventQueryState),
		"deleteEventQuery":       op((*call).deleteEventQuery),
		"createSearch":           createSearch(false),
		"getOrCreateSearch":      createSearch(true),
		"search":                 op((*call).searchState),
		"searchResults":          (*call).searchResults,
		"executeQueryRelay":      (*call).relay,
		"fetchQueryRelayResults": (*call).relayResults,
		"validateSearch":         (*call).validateSearch,
		"validateQLQueryV1":      op((*call).validateQL),

		"/fast-ioc/query eventCountByLogicalType":         op((*call).countIOCs),
		"/fast-ioc/query eventCountPage":                  op((*call).iocPage),
		"/multi-tenant-ioc/query eventCountByLogicalType": op((*call).countIOCs),
		"/multi-tenant-ioc/query eventCountPage":          op((*call).iocPage),
	}
}

func caseOperations() map[string]operation {
	return map[string]operation{
		"investigationV2":                 oneCase("arguments.id", (*call).investigationV2),
		"case":                            oneCase("arguments.id", (*call).caseOf),
		"caseEvidence":                    oneCase("arguments.id", caseEvidence),
		"investigation":                   oneCase("investigation_id", func(_ *call, k *corpus.Case) any { return investigationV1(k) }),
		"createInvestigationV2":           createCase((*call).investigationV2),
		"createCase":                      createCase((*call).caseOf),
		"updateInvestigationV2":           updateCase((*call).investigationV2),
		"updateCase":                      updateCase((*call).caseOf),
		"closeInvestigation":              op((*call).closeCase),
		"bulkSetInvestigationStatus":      op((*call).setCaseStatuses),
		"archiveInvestigationV2":          archiveOne(true),
		"unarchiveInvestigationV2":        archiveOne(false),
		"archiveInvestigationsV2":         archiveMany(true),
		"unarchiveInvestigationsV2":       archiveMany(false),
		"addEvidenceToInvestigation":      changeEvidence(true),
		"removeEvidenceFromInvestigation": changeEvidence(false),
		"addEvidenceToCase":               changeEvidence(true),
		"removeEvidenceFromCase":          changeEvidence(false),
		"splitCase":                       (*call).splitCase,
		"addCommentToInvestigation":       (*call).addComment,
		"addCaseComment":                  (*call).addComment,
		"updateInvestigationComment":      changeComment(false),
		"updateCaseComment":               changeComment(false),
		"deleteInvestigationComment":      changeComment(true),
		"deleteCaseComment":               changeComment(true),
		"initInvestigationFileUpload":     (*call).startUpload,
		"startCaseFileUpload":             (*call).startUpload,
		"investigationFileV2":             (*call).oneFile,
		"caseFile":                        (*call).oneFile,
		"deleteInvestigationFile":         (*call).deleteFile,
		"deleteCaseFile":                  (*call).deleteFile,
	}
}

func otherOperations() map[string]operation {
	return map[string]operation{
		"audit":              op((*call).oneAudit),
		"tdruser":            op((*call).oneUser),
		"tdrusersByIDs":      op((*call).usersByID),
		"tenant":             op((*call).oneTenant),
		"rule":               op((*call).oneRule),
		"rulesCount":         countRules(liveRule),
		"rulesForEventCount": countRules(ruleForEvent),
		"changesSince":       op((*call).rulesSince),
		"createCustomQLRule": op((*call).createRule),
		"createQLRule":       op((*call).createRule),
		"updateRule":         changeRule("ruleID", patchRule),
		"deleteRule":         changeRule("ruleID", func(r *corpus.Rule, _ map[string]any) { r.Deleted, r.Enabled = true, false }),
		"restoreRule":        changeRule("ruleID", func(r *corpus.Rule, _ map[string]any) { r.Deleted = false }),
		"enableRule":         changeRule("id", func(r *corpus.Rule, _ map[string]any) { r.Enabled = true }),
		"disableRule":        changeRule("id", func(r *corpus.Rule, _ map[string]any) { r.Enabled = false }),
		"asset":              op((*call).oneAsset),
		"isolateAsset":       op((*call).isolateAsset),
		"authzCheckStepUp":   op((*call).checkStepUp),
		"createShareLink":    (*call).createShareLink,
		"createShareLinks":   (*call).createShareLinks,
		"shareLinkById":      op((*call).shareLink),

		"assignBulkAssetsToGroup": bulkAssets(func(a *corpus.Asset, in map[string]any) { a.Group = textOf(in["groupId"]) }),
		"updateTagsForEndpointV2": bulkAssets(func(a *corpus.Asset, in map[string]any) { a.Tags = inputTags(in) }),
		"bulkUpdateTagsForEndpointsV2": bulkAssets(func(a *corpus.Asset, in map[string]any) {
			a.Tags = addTags(a.Tags, inputTags(in))
		}),
		"bulkDeleteTagsForEndpointsV2": bulkAssets(func(a *corpus.Asset, in map[string]any) {
			a.Tags = without(a.Tags, inputTags(in)...)
		}),
		"deleteAssetsV2":            bulkAssets(func(a *corpus.Asset, _ map[string]any) { a.Deleted = a.LastSeen }),
		"restoreAssetsV2":           bulkAssets(func(a *corpus.Asset, _ map[string]any) { a.Deleted = corpus.Asset{}.Deleted }),
		"bulkReconnectNativeAssets": bulkAssets(func(*corpus.Asset, map[string]any) {}),
		"bulkReconnectByScope":      bulkAssets(func(*corpus.Asset, map[string]any) {}),
		"bulkUninstallNativeAssets": bulkAssets(func(*corpus.Asset, map[string]any) {}),

		"assignBulkAssetsToGroupStatus":      op((*call).taskState),
		"updateTagsForEndpointStatusV2":      op((*call).taskState),
		"bulkUpdateTagsForEndpointsStatusV2": op((*call).taskState),
		"bulkDeleteTagsForEndpointsStatusV2": op((*call).taskState),
		"deleteAssetsStatusV2":               op((*call).taskState),
		"restoreAssetsStatusV2":              op((*call).taskState),
		"bulkReconnectNativeAssetsStatus":    op((*call).taskState),
		"bulkReconnectByScopeStatus":         op((*call).taskState),
		"bulkUninstallNativeAssetsStatus":    op((*call).taskState),
		"bulkAssignmentStatusByID":           stateOfWork("id", "IN_PROGRESS", "COMPLETE"),
		"bulkAssignmentStatusByRequestID":    stateOfWork("requestId", "IN_PROGRESS", "COMPLETE"),
		"singleExport":                       stateOfWork("id", "Processing", "Ready"),
	}
}
