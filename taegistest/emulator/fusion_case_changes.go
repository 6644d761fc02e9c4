package emulator

import (
	"maps"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// maxTitle is how much of a title is kept, in characters.
const maxTitle = 256

// createFusionCase creates a case.
func (c *call) createFusionCase(args map[string]any) (any, error) {
	input, _ := args["input"].(map[string]any)
	k, err := c.newFusionCase(input)
	if err != nil {
		return nil, err
	}
	return c.fusionCase(c.scope.Cases.At(k.Index())), nil
}

// newFusionCase creates the case of an input, with its evidence.
func (c *call) newFusionCase(input map[string]any) (*corpus.Case, error) {
	if err := checkCaseInput(input); err != nil {
		return nil, err
	}
	if input["primaryStatusId"] == statusClosed && textOf(input["primaryVerdictId"]) == "" {
		return nil, badInput("a verdict is required to close a case")
	}
	k := c.scope.AddCase(c.scope.tenant, c.scope.now.UTC(), func(k *corpus.Case) {
		k.Author = c.owner.subject()
		c.patchFusionCase(k, input)
	})
	return k, c.addEvidence(k, input)
}

// checkCaseInput returns an error for a value that no case can have.
func checkCaseInput(input map[string]any) error {
	for _, setting := range []struct {
		name string
		ids  []string
	}{{"typeId", fusionTypes}, {"primaryStatusId", fusionStatuses}, {"primaryVerdictId", append([]string{""}, fusionVerdicts...)}} {
		if value, given := input[setting.name].(string); given && !slices.Contains(setting.ids, value) {
			return badInput("there is no " + setting.name + " " + value)
		}
	}
	if version, given := textAt(input, "keyFindings.documentVersion"); given && version != "1.0" {
		return badInput("the version of the document has to be 1.0")
	}
	if kind := textOf(input["typeId"]); slices.Contains(providerManagedOnly, kind) && input["managedBy"] == "CUSTOMER" {
		return badInput("a case of the type " + kind + " is managed by the provider")
	}
	return checkResourceNames(slices.Concat(textsOf(input["detectionIds"]), textsOf(input["eventIds"]))...)
}

// patchFusionCase sets the fields that an input has.
func (c *call) patchFusionCase(k *corpus.Case, input map[string]any) {
	patchCase(k, map[string]any{
		"title": shorten(orDefault(textOf(input["title"]), k.Title)), "tags": anyOr(input["tags"], k.Tags),
		"keyFindings": anyOr(at(input, "keyFindings.content"), k.Findings),
		"assigneeId":  anyOr(input["assigneeId"], k.Assignee), "closeReason": anyOr(input["closeReason"], k.Reason),
	})
	if n, given := numberAt(input, "severity"); given {
		setSeverity(k, n)
	}
	if id, given := textAt(input, "typeId"); given {
		k.Type = strings.ToUpper(id)
	}
	if id, given := textAt(input, "primaryStatusId"); given {
		k.Status = statusOfFusion(id, orDefault(textOf(input["primaryVerdictId"]), verdictID(k)))
	}
	for name, field := range map[string]*string{
		"secondaryStatusId": &k.Fusion.SecondaryStatus, "secondaryVerdictId": &k.Fusion.SecondaryVerdict,
		"managedBy": &k.Fusion.ManagedBy, "sourceId": &k.Fusion.Source, "incidentAdvisorId": &k.Fusion.Advisor,
	} {
		if value, given := input[name].(string); given {
			*field = value
		}
	}
	if slices.Contains(providerManagedOnly, strings.ToLower(k.Type)) {
		k.Fusion.ManagedBy = "PROVIDER"
	}
	if reasons, given := input["secondaryStatusReason"]; given {
		k.Fusion.Reasons = textsOf(reasons)
	}
	if queue, given := input["queue"].(map[string]any); given {
		k.Fusion.QueueID, k.Fusion.Queue = textOf(queue["referenceId"]), textOf(queue["name"])
	}
	if !k.IsClosed() {
		k.Closed = corpus.Case{}.Closed
	} else {
		k.Closed = orDefault(k.Closed, c.scope.now.UTC())
	}
}

// anyOr returns a value, or another one if it is absent.
func anyOr[T any](value any, otherwise T) any {
	if value != nil {
		return value
	}
	if list, ok := any(otherwise).([]string); ok {
		return rows(list, func(text string) any { return text })
	}
	return otherwise
}

// shorten cuts a title to what is kept of it.
func shorten(title string) string {
	if runes := []rune(title); len(runes) > maxTitle {
		return string(runes[:maxTitle])
	}
	return title
}

// statusOfFusion returns the status on Taegis for a status and a verdict of the successor.
func statusOfFusion(status, verdict string) string {
	switch status {
	case statusClosed:
		return "CLOSED_" + strings.ToUpper(orDefault(verdict, "informational"))
	case statusNew:
		return "OPEN"
	}
	return strings.ToUpper(status)
}

// updateFusionCase changes the fields of a case that the input has.
func (c *call) updateFusionCase(args map[string]any) (any, error) {
	input, _ := args["input"].(map[string]any)
	k, ok := c.caseByID(textOf(input["id"]))
	if !ok {
		return nil, notFound("there is no case " + textOf(input["id"]))
	}
	if err := checkCaseInput(input); err != nil {
		return nil, err
	}
	if err := checkChange(k, input); err != nil {
		return nil, err
	}
	return c.fusionCase(c.changeCase(k, func(changed *corpus.Case) {
		c.patchFusionCase(changed, input)
		if archived, given := input["isArchived"].(bool); given {
			c.archive(changed, archived)
		}
	})), nil
}

// changeableIfClosed are the fields of a closed case that can change.
var changeableIfClosed = []string{
	"id", "primaryStatusId", "primaryVerdictId", "secondaryVerdictId", "secondaryStatusId", "secondaryStatusReason",
	"closeReason", "isArchived",
}

// checkChange returns an error for a change that the state of a case does not allow.
func checkChange(k *corpus.Case, input map[string]any) error {
	status, verdict := orDefault(textOf(input["primaryStatusId"]), statusID(k)), textOf(input["primaryVerdictId"])
	_, verdictGiven := input["primaryVerdictId"].(string)
	managed := textOf(input["managedBy"])
	switch {
	case !k.Archived.IsZero() && (input["isArchived"] != false || len(input) != 2):
		return badInput("the case " + k.ShortID + " is archived")
	case managed != "" && k.Fusion.ManagedBy != "" && managed != k.Fusion.ManagedBy:
		return badInput("managedBy cannot be changed")
	case status == statusNew && statusID(k) != statusNew:
		return badInput("there is no way back to the status new")
	case status == statusClosed && !k.IsClosed() && verdict == "":
		return badInput("a verdict is required to close a case")
	case status != statusClosed && k.IsClosed() && (!verdictGiven || verdict != ""):
		return badInput("the verdict has to be cleared to open a case again")
	case !k.IsClosed():
		return nil
	}
	for name := range input {
		if !slices.Contains(changeableIfClosed, name) {
			return badInput("the case " + k.ShortID + " is closed: " + name + " cannot change")
		}
	}
	return nil
}

// changeFusionEvidence returns an operation that adds evidence to a case, or removes it.
func changeFusionEvidence(add bool) operation {
	return func(c *call, args map[string]any) (any, error) {
		input, _ := args["input"].(map[string]any)
		if err := checkResourceNames(slices.Concat(textsOf(input["detectionIds"]), textsOf(input["eventIds"]))...); err != nil && add {
			return nil, err
		}
		own := map[string]any{"assets": input["assetIds"]}
		maps.Copy(own, input)
		if _, err := changeEvidence(add)(c, map[string]any{"input": own}); err != nil {
			return nil, err
		}
		return row(input), nil
	}
}

// splitFusionCase moves evidence and files of a case to a new one.
func (c *call) splitFusionCase(args map[string]any) (any, error) {
	fields, _ := at(args, "input.newCase").(map[string]any)
	if err := checkCaseInput(fields); err != nil {
		return nil, err
	}
	result, err := c.splitCase(args)
	if err != nil {
		return nil, err
	}
	made, _ := c.scope.CaseByID(result.(row)["destinationCaseId"].(string))
	c.changeCase(made, func(changed *corpus.Case) { c.patchFusionCase(changed, fields) })
	return result, nil
}

// mergeCases moves the evidence of cases to another one.
func (c *call) mergeCases(args map[string]any) (any, error) {
	target, err := c.editableCase(textOf(at(args, "input.targetCaseId")))
	if err != nil {
		return nil, err
	}
	ids := textsOf(at(args, "input.sourceCaseIds"))
	var sources []*corpus.Case
	for _, id := range ids {
		k, err := c.editableCase(id)
		if err != nil {
			return nil, err
		}
		sources = append(sources, k)
	}
	archives, _ := at(args, "input.archiveSources").(bool)
	for _, source := range sources {
		c.work(target, "alerts", func() bool {
			c.detach(source, source.Alerts)
			c.attach(target, source.Alerts)
			c.changeCase(target, func(changed *corpus.Case) {
				changed.Events = distinct(slices.Concat(changed.Events, source.Events))
				changed.Assets = distinct(slices.Concat(changed.Assets, source.Assets))
				changed.Queries = distinct(slices.Concat(changed.Queries, source.Queries))
			})
			c.changeCase(source, func(changed *corpus.Case) {
				changed.Events, changed.Assets, changed.Queries = nil, nil, nil
				if archives {
					c.archive(changed, true)
				}
			})
			return true
		})
	}
	return row{"targetCaseId": target.CaseID, "sourceCaseIds": ids, "processingEventId": target.NewID(c.e.files.next())}, nil
}

// createLink adds a link to a case.
func (c *call) createLink(args map[string]any) (any, error) {
	input, _ := args["input"].(map[string]any)
	k, err := c.editableCase(textOf(input["caseId"]))
	if err != nil {
		return nil, err
	}
	now := c.scope.now.UTC()
	l := corpus.Link{ID: k.NewID(c.e.files.next()), Created: now}
	patchLink(&l, input)
	l.Updated = now
	k = c.changeCase(k, func(changed *corpus.Case) { changed.Fusion.Links = append(slices.Clip(changed.Fusion.Links), l) })
	return linkObject(k, l), nil
}

func patchLink(l *corpus.Link, input map[string]any) {
	for name, field := range map[string]*string{"url": &l.URL, "title": &l.Title, "reference": &l.Reference, "type": &l.Type} {
		if value, given := input[name].(string); given {
			*field = value
		}
	}
	if internal, given := input["isInternal"].(bool); given {
		l.Internal = internal
	}
}

// changeLink returns an operation that changes a link or deletes it.
func changeLink(deletes bool) operation {
	return func(c *call, args map[string]any) (any, error) {
		input, _ := args["input"].(map[string]any)
		k, i, err := c.linkOf(textOf(input["id"]))
		if err != nil {
			return nil, err
		}
		l := k.Fusion.Links[i]
		if !deletes {
			patchLink(&l, input)
			l.Updated = c.scope.now.UTC()
		}
		k = c.changeCase(k, func(changed *corpus.Case) {
			changed.Fusion.Links = slices.Clone(changed.Fusion.Links)
			if deletes {
				changed.Fusion.Links = slices.Delete(changed.Fusion.Links, i, i+1)
			} else {
				changed.Fusion.Links[i] = l
			}
		})
		return linkObject(k, l), nil
	}
}
