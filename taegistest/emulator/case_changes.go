package emulator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// caseByID returns a case that the request may see.
func (c *call) caseByID(id string) (*corpus.Case, bool) {
	k, ok := c.scope.CaseByID(id)
	if !ok || !c.scope.sees(k.Tenant) || k.Inserted.After(c.scope.now) || !k.Deleted.IsZero() {
		return nil, false
	}
	return k, true
}

// readCase returns a case by its ID, nil if there is none. Each reading brings its background work
// forward: the work on one case is done one after the other.
func (c *call) readCase(id string) *corpus.Case {
	k, ok := c.caseByID(id)
	if !ok {
		return nil
	}
	if len(k.Pending) == 0 {
		return k
	}
	if work := k.Pending[0]; work.Polls <= 1 {
		succeeded := work.Done == nil || work.Done()
		k, _ = c.scope.Cases.Update(k.Index(), func(changed *corpus.Case) error {
			changed.Pending = slices.Clone(changed.Pending[1:])
			if !succeeded {
				changed.FailedWork = distinct(append(slices.Clip(changed.FailedWork), work.Kind))
			}
			return nil
		})
		return k
	}
	k, _ = c.scope.Cases.Update(k.Index(), func(changed *corpus.Case) error {
		changed.Pending = slices.Clone(changed.Pending)
		changed.Pending[0].Polls--
		return nil
	})
	return k
}

// changeCase changes a case and its time of update.
func (c *call) changeCase(k *corpus.Case, change func(*corpus.Case)) *corpus.Case {
	changed, _ := c.scope.Cases.Update(k.Index(), func(changed *corpus.Case) error {
		change(changed)
		changed.Updated, changed.Updater = c.scope.now.UTC(), c.owner.subject()
		return nil
	})
	return changed
}

// work adds background work to a case, or does it at once if it takes no polls.
func (c *call) work(k *corpus.Case, kind string, done func() bool) {
	polls := c.config.Behavior.polls()
	if polls == 0 {
		done()
		return
	}
	c.changeCase(k, func(changed *corpus.Case) {
		changed.Pending = append(slices.Clip(changed.Pending), corpus.Work{Kind: kind, Polls: polls + 1, Done: done})
	})
}

// oneCase returns the case with the ID at a path of the arguments, nil if there is none.
func oneCase(path string, convert func(*call, *corpus.Case) any) operation {
	return func(c *call, args map[string]any) (any, error) {
		id, _ := textAt(args, path)
		k := c.readCase(id)
		if k == nil {
			return nil, nil
		}
		return convert(c, k), nil
	}
}

// editableCase returns a case that can be edited: it is neither closed nor archived.
func (c *call) editableCase(id string) (*corpus.Case, error) {
	k, ok := c.caseByID(id)
	switch {
	case !ok:
		return nil, notFound("there is no investigation " + id)
	case !k.Archived.IsZero():
		return nil, badInput("the investigation " + k.ShortID + " is archived")
	case k.IsClosed():
		return nil, badInput("the investigation " + k.ShortID + " is closed")
	}
	return k, nil
}

// createCase returns an operation that creates a case.
func createCase(convert func(*call, *corpus.Case) any) operation {
	return func(c *call, args map[string]any) (any, error) {
		input, _ := args["input"].(map[string]any)
		tenant := orDefault(c.scope.tenant, c.owner.tenant)
		k := c.scope.AddCase(tenant, c.scope.now.UTC(), func(k *corpus.Case) {
			k.Author, k.Title = c.owner.subject(), "Untitled"
			patchCase(k, input)
		})
		if err := c.addEvidence(k, input); err != nil {
			return nil, err
		}
		k = c.scope.Cases.At(k.Index())
		return convert(c, k), nil
	}
}

// updateCase returns an operation that changes the fields of a case that the input has.
func updateCase(convert func(*call, *corpus.Case) any) operation {
	return func(c *call, args map[string]any) (any, error) {
		input, _ := args["input"].(map[string]any)
		id, _ := textAt(input, "id")
		k, ok := c.caseByID(id)
		if !ok {
			return nil, notFound("there is no investigation " + id)
		}
		status, _ := textAt(input, "status")
		status = orDefault(status, textOf(input["primaryStatusId"]))
		reopens := status != "" && !strings.HasPrefix(status, "CLOSED_")
		archives, isArchive := input["isArchived"].(bool)
		switch {
		case isArchive && archives && !k.IsClosed():
			return nil, badInput("the investigation " + k.ShortID + " is not closed")
		case isArchive && len(input) == 2:
		case !k.Archived.IsZero():
			return nil, badInput("the investigation " + k.ShortID + " is archived")
		case k.IsClosed() && !reopens:
			return nil, badInput("the investigation " + k.ShortID + " is closed")
		}
		k = c.changeCase(k, func(changed *corpus.Case) {
			patchCase(changed, input)
			if isArchive {
				c.archive(changed, archives)
			}
			if changed.IsClosed() {
				changed.Closed = orDefault(changed.Closed, c.scope.now.UTC())
			}
		})
		return convert(c, k), nil
	}
}

// patchCase sets the fields that an input has. Null clears a field.
func patchCase(k *corpus.Case, input map[string]any) {
	texts := map[string]*string{
		"title": &k.Title, "keyFindings": &k.Findings, "assigneeId": &k.Assignee, "status": &k.Status, "type": &k.Type,
		"serviceDeskId": &k.DeskID, "serviceDeskType": &k.DeskType, "ruleId": &k.RuleID, "closeReason": &k.Reason,
		"primaryStatusId": &k.Status, "typeId": &k.Type,
	}
	for name, field := range texts {
		if value, given := input[name]; given {
			*field = textOf(value)
		}
	}
	if content, ok := textAt(input, "keyFindings.content"); ok {
		k.Findings = content
	}
	for _, name := range []string{"priority", "severity"} {
		if n, given := numberAt(input, name); given {
			k.Priority = n
		}
	}
	if tags, given := input["tags"]; given {
		k.Tags = textsOf(tags)
	}
	if risk, given := input["riskScore"].(float64); given {
		k.Risk = risk
	}
}

// textOf returns a text, "" for any other value.
func textOf(value any) string {
	text, _ := value.(string)
	return text
}

// textsOf returns the texts of a list.
func textsOf(value any) []string {
	list, _ := value.([]any)
	texts := make([]string, 0, len(list))
	for _, item := range list {
		texts = append(texts, textOf(item))
	}
	return texts
}

// archive archives a case or undoes that.
func (c *call) archive(k *corpus.Case, archived bool) {
	if archived {
		k.Archived = c.scope.now.UTC()
	} else {
		k.Archived = corpus.Case{}.Archived
	}
}

// archiveOne returns an operation that archives a case, or undoes that.
func archiveOne(archived bool) operation {
	return func(c *call, args map[string]any) (any, error) {
		id, _ := textAt(args, "input.id")
		k, ok := c.caseByID(id)
		if !ok {
			return nil, notFound("there is no investigation " + id)
		}
		if archived && !k.IsClosed() {
			return nil, badInput("the investigation " + k.ShortID + " is not closed")
		}
		return c.investigationV2(c.changeCase(k, func(changed *corpus.Case) { c.archive(changed, archived) })), nil
	}
}

// archiveMany returns an operation that archives cases, or undoes that. It returns the IDs of those
// for which that worked.
func archiveMany(archived bool) operation {
	return func(c *call, args map[string]any) (any, error) {
		ids := []string{}
		for i, id := range textsOf(at(args, "input.ids")) {
			k, ok := c.caseByID(id)
			if !ok || archived && !k.IsClosed() || c.config.Behavior.fails(i+1) {
				continue
			}
			c.changeCase(k, func(changed *corpus.Case) { c.archive(changed, archived) })
			ids = append(ids, id)
		}
		return row{"ids": ids}, nil
	}
}

type closeCaseArgs struct {
	Input struct {
		ID, Status, Reason, AlertsResolutionStatus string
	}
}

// closeCase closes a case and resolves its alerts in the background.
func (c *call) closeCase(args closeCaseArgs) (any, error) {
	in := args.Input
	k, err := c.editableCase(in.ID)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(in.Status, "CLOSED_") {
		return nil, badInput("the status " + in.Status + " does not close an investigation")
	}
	if len(k.Alerts) > 0 && in.AlertsResolutionStatus == "" {
		return nil, badInput("alertsResolutionStatus is required, because the investigation has alerts")
	}
	return c.investigationV2(c.close(k, in.Status, in.Reason, in.AlertsResolutionStatus)), nil
}

// close closes a case and resolves its alerts in the background.
func (c *call) close(k *corpus.Case, status, reason, alerts string) *corpus.Case {
	k = c.changeCase(k, func(changed *corpus.Case) {
		changed.Status, changed.Reason, changed.Closed = status, reason, c.scope.now.UTC()
	})
	if alerts != "" && len(k.Alerts) > 0 {
		c.work(k, "alerts", func() bool {
			succeeded := true
			for i, id := range k.Alerts {
				a, ok := c.alert(id)
				if !ok || c.config.Behavior.fails(i+1) {
					succeeded = false
					continue
				}
				c.resolve(a, resolution{Status: alerts, Reason: reason}, c.e.config.Load().Now().UTC())
			}
			return succeeded
		})
	}
	return c.scope.Cases.At(k.Index())
}

type bulkStatusArgs struct {
	Input struct {
		IDs                                    []string
		Status, Reason, AlertsResolutionStatus string
	}
}

// setCaseStatuses sets the status of cases. It returns the IDs of those that have changed, and an
// error that names the others.
func (c *call) setCaseStatuses(args bulkStatusArgs) (any, error) {
	in := args.Input
	closes := strings.HasPrefix(in.Status, "CLOSED_")
	switch {
	case in.Status == "AWAITING_ACTION" || in.Status == "DRAFT":
		return nil, badInput("the status " + in.Status + " cannot be set in bulk")
	case closes && (in.Reason == "" || in.AlertsResolutionStatus == ""):
		return nil, badInput("reason and alertsResolutionStatus are required to close")
	case !closes && (in.Reason != "" || in.AlertsResolutionStatus != ""):
		return nil, badInput("reason and alertsResolutionStatus are allowed only to close")
	}
	changed := []string{}
	for i, id := range in.IDs {
		k, ok := c.caseByID(id)
		switch {
		case !ok, c.config.Behavior.fails(i + 1), ok && !k.Archived.IsZero():
			c.partial = append(c.partial, fmt.Sprintf("the status of %s cannot be set", id))
			continue
		case k.Status == in.Status:
			continue
		case closes:
			c.close(k, in.Status, in.Reason, in.AlertsResolutionStatus)
		default:
			c.changeCase(k, func(k *corpus.Case) { k.Status = in.Status })
		}
		changed = append(changed, id)
	}
	return row{
		"ids": changed, "status": in.Status, "reason": optionalText(in.Reason),
		"alertsResolutionStatus": optionalText(in.AlertsResolutionStatus),
	}, nil
}
