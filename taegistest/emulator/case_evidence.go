package emulator

import (
	"slices"

	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// changeEvidence returns an operation that adds evidence to a case, or removes it.
func changeEvidence(add bool) operation {
	return func(c *call, args map[string]any) (any, error) {
		input, _ := args["input"].(map[string]any)
		id := orDefault(textOf(input["investigationId"]), textOf(input["caseId"]))
		k, err := c.editableCase(id)
		if err != nil {
			return nil, err
		}
		if add {
			if err := c.addEvidence(k, input); err != nil {
				return nil, err
			}
		} else {
			c.removeEvidence(k, input)
		}
		return row(input), nil
	}
}

// addEvidence adds the evidence of an input to a case in the background.
func (c *call) addEvidence(k *corpus.Case, input map[string]any) error {
	alerts := slices.Concat(textsOf(input["alerts"]), textsOf(input["detectionIds"]))
	text := orDefault(textOf(input["alertsSearchQuery"]), textOf(input["detectionsSearchQuery"]))
	if text != "" {
		query, err := c.newAlertQuery(text)
		if err != nil {
			return badInput(err.Error())
		}
		for _, index := range query.run().Rows {
			alerts = append(alerts, c.scope.Alerts.At(index).ID())
		}
	}
	if len(alerts) > 0 {
		c.work(k, "alerts", func() bool {
			known := slices.DeleteFunc(slices.Clone(alerts), func(id string) bool {
				_, ok := c.alert(id)
				return !ok
			})
			c.attach(k, known)
			return len(known) == len(alerts)
		})
	}
	events := slices.Concat(textsOf(input["events"]), textsOf(input["eventIds"]))
	queries, assets := textsOf(input["searchQueries"]), textsOf(input["hostIds"])
	if len(events)+len(queries) > 0 {
		c.work(k, "events", func() bool {
			c.changeCase(k, func(changed *corpus.Case) {
				changed.Events = distinct(slices.Concat(changed.Events, events))
				changed.Queries = distinct(slices.Concat(changed.Queries, queries))
			})
			return true
		})
	}
	if len(assets) > 0 {
		c.work(k, "assets", func() bool {
			c.changeCase(k, func(changed *corpus.Case) { changed.Assets = distinct(slices.Concat(changed.Assets, assets)) })
			return true
		})
	}
	return nil
}

// removeEvidence removes the evidence of an input from a case in the background.
func (c *call) removeEvidence(k *corpus.Case, input map[string]any) {
	alerts := slices.Concat(textsOf(input["alerts"]), textsOf(input["detectionIds"]))
	events := slices.Concat(textsOf(input["events"]), textsOf(input["eventIds"]))
	assets := slices.Concat(textsOf(input["assets"]), textsOf(input["hostIds"]))
	c.work(k, "alerts", func() bool {
		c.detach(k, alerts)
		c.changeCase(k, func(changed *corpus.Case) {
			changed.Events, changed.Assets = without(changed.Events, events...), without(changed.Assets, assets...)
			changed.Queries = without(changed.Queries, textsOf(input["searchQueries"])...)
		})
		return true
	})
}

// caseEvidence returns the evidence of a case as the third version of the service does.
func caseEvidence(_ *call, k *corpus.Case) any {
	return row{
		"id": k.CaseID, "detectionsEvidenceCount": len(k.Alerts), "assetsEvidenceCount": len(k.Assets),
		"eventsEvidenceCount": len(k.Events), "searchQueriesEvidenceCount": len(k.Queries),
		"detectionsEvidence":    evidence(k, "detectionId", k.Alerts),
		"assetsEvidence":        evidence(k, "assetId", k.Assets),
		"eventsEvidence":        evidence(k, "eventId", k.Events),
		"searchQueriesEvidence": evidence(k, "searchQuery", k.Queries),
	}
}

// splitCase moves evidence and files of a case to a new one. What the case does not have is left
// out.
func (c *call) splitCase(args map[string]any) (any, error) {
	input, _ := args["input"].(map[string]any)
	k, err := c.editableCase(textOf(input["caseId"]))
	if err != nil {
		return nil, err
	}
	has := func(list []string, wanted any) []string {
		return slices.DeleteFunc(textsOf(wanted), func(id string) bool { return !slices.Contains(list, id) })
	}
	alerts, events := has(k.Alerts, input["detectionIds"]), has(k.Events, input["eventIds"])
	queries := has(k.Queries, input["searchQueries"])
	var files []corpus.File
	fileIDs := []string{}
	for _, f := range k.Files {
		if slices.Contains(textsOf(input["fileIds"]), f.ID) {
			files, fileIDs = append(files, f), append(fileIDs, f.ID)
		}
	}
	fields, _ := input["newCase"].(map[string]any)
	made := c.scope.AddCase(k.Tenant, c.scope.now.UTC(), func(k *corpus.Case) {
		k.Author, k.Title, k.Events, k.Queries, k.Files = c.owner.subject(), "Untitled", events, queries, files
		patchCase(k, fields)
	})
	c.detach(k, alerts)
	c.attach(made, alerts)
	c.changeCase(k, func(changed *corpus.Case) {
		changed.Events, changed.Queries = without(changed.Events, events...), without(changed.Queries, queries...)
		changed.Files = slices.DeleteFunc(slices.Clone(changed.Files), func(f corpus.File) bool { return slices.Contains(fileIDs, f.ID) })
	})
	return row{
		"caseId": k.CaseID, "destinationCaseId": made.CaseID, "detectionIds": alerts, "eventIds": events,
		"searchQueries": queries, "fileIds": fileIDs,
	}, nil
}
