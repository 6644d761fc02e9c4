package emulator

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// fusionOperations are those of the successor that have a function of their own.
func fusionOperations() map[string]operation {
	return onFusion(alertOperations(), map[string]operation{
		"node":   op((*call).node),
		"events": op((*call).fusionEvents),

		"case":         oneFusionCase("arguments.id", (*call).fusionCase),
		"caseEvidence": oneFusionCase("arguments.id", fusionEvidence),
		"cases":        (*call).fusionCases,
		"caseFile":     (*call).oneFile,

		"caseTypes":             caseSettings("types", fusionTypes, func(c *call, id string) any { return c.caseType(id) }),
		"casePrimaryStatuses":   caseSettings("primaryStatuses", fusionStatuses, func(c *call, id string) any { return c.caseStatus(id) }),
		"caseSecondaryStatuses": caseSettings("secondaryStatuses", fusionSecondary, (*call).namedOrNil),
		"casePrimaryVerdicts":   caseSettings("primaryVerdicts", fusionVerdicts, (*call).namedOrNil),
		"caseSecondaryVerdicts": caseSettings("secondaryVerdicts", fusionNextVerdicts, (*call).namedOrNil),
		"caseSources":           caseSettings("sources", fusionSources, (*call).namedOrNil),

		"createCase":             (*call).createFusionCase,
		"updateCase":             (*call).updateFusionCase,
		"addEvidenceToCase":      changeFusionEvidence(true),
		"removeEvidenceFromCase": changeFusionEvidence(false),
		"splitCase":              (*call).splitFusionCase,
		"mergeCase":              (*call).mergeCases,
		"addCaseComment":         (*call).addComment,
		"updateCaseComment":      changeComment(false),
		"deleteCaseComment":      changeComment(true),
		"startCaseFileUpload":    (*call).startUpload,
		"deleteCaseFile":         (*call).deleteFile,
		"createCaseLink":         (*call).createLink,
		"updateCaseLink":         changeLink(false),
		"deleteCaseLink":         changeLink(true),

		"runLiveDiscoverQuery":          (*call).startLiveRun,
		"cancelLiveDiscoverQueryRun":    liveRunState(true),
		"liveDiscoverQueryRun":          liveRunState(false),
		"liveDiscoverQueries":           livePages("liveDiscoverQueries", "params"),
		"liveDiscoverQueryRuns":         livePages("liveDiscoverQueryRuns", "params"),
		"liveDiscoverQueryRunEndpoints": livePages("liveDiscoverQueryRunEndpoints", "params"),
		"liveDiscoverQueryRunResults":   livePages("liveDiscoverQueryRunResults", "params"),
		"liveDiscoverEndpointSearch":    livePages("liveDiscoverEndpointSearch", "input"),
	})
}

// onFusion returns operations under the names that those of the successor's gateway have.
func onFusion(parts ...map[string]operation) map[string]operation {
	all := map[string]operation{}
	for _, part := range parts {
		for name, serve := range part {
			all[pathFusionGraphQL+" "+name] = serve
		}
	}
	return all
}

// failingSubjects are the fields of a comment that fail with an OAuth client.
var failingSubjects = []string{"authorSubject", "mentionsSubjects"}

// nodeObject is a detection as a node.
type nodeObject struct{ alertObject }

func (nodeObject) typename() string { return "Alert2" }

// node returns a detection by its ID, and nil for anything else.
func (c *call) node(args struct{ ID string }) (any, error) {
	a, ok := c.alert(args.ID)
	if !ok {
		return nil, nil
	}
	return nodeObject{alertObject{a}}, nil
}

type fusionEventsArgs struct {
	Input struct {
		RNs []string `json:"rns"`
	}
}

// fusionEvents returns events by their resource names, null for those that do not exist.
func (c *call) fusionEvents(args fusionEventsArgs) (any, error) {
	if err := checkResourceNames(args.Input.RNs...); err != nil {
		return nil, err
	}
	list := []any{}
	for _, rn := range args.Input.RNs {
		v, ok := c.scope.EventByID(rn)
		if !ok || !c.scope.sees(v.Tenant) || v.Inserted.After(c.scope.now) {
			list = append(list, nil)
			continue
		}
		list = append(list, fusionEvent(v))
	}
	return list, nil
}

// fusionEventTypes are the types of events that are not called as they are on Taegis, in capitals.
var fusionEventTypes = map[string]string{
	"dnsquery": "DNS_QUERY", "filemod": "FILE_MOD", "cloudaudit": "CLOUD_AUDIT", "scriptblock": "SCRIPT_BLOCK",
	"threadinjection": "THREAD_INJECTION", "apicall": "API_CALL", "thirdparty": "THIRD_PARTY",
	"detectionfinding": "DETECTION_FINDING", "processmodule": "PROCESS_MODULE", "agentdetection": "AGENT_DETECTION",
	"managementevent": "MANAGEMENT_EVENT",
}

func fusionEvent(v *corpus.Event) row {
	values := map[string]any{}
	v.Fields(func(name string, value any) { values[name] = value })
	kind := orDefault(fusionEventTypes[v.Type.Name], strings.ToUpper(v.Type.Name))
	return row{
		"eventType": kind, "additionalData": row{"originalData": v.OriginalData()},
		"rn": v.ID(), "id": v.ID(), "summary": "an event of the type " + v.Type.Name,
		"eventTime": isoTime(v.Created), "ingestTime": isoTime(v.Inserted), "values": values,
	}
}

// isFailingSubject reports whether a field of a comment fails.
func (x *execution) isFailingSubject(def *ast.Definition, field string) bool {
	if !x.schema.strict || def.Name != x.schema.typeName("CaseComment") || x.call.owner.platform != core.PlatformFusion {
		return false
	}
	return field == failingSubjects[0] || field == failingSubjects[1]
}
