package emulator

import (
	"sync"
)

// liveRuns are the runs of Live Discover queries, by their IDs.
type liveRuns struct {
	mu   sync.Mutex
	runs map[string]*liveRun
}

// liveRun is a run, and how many requests for its state see it unfinished.
type liveRun struct {
	name, template string
	polls          int
	cancelled      bool
}

// startLiveRun starts a run of a query.
func (c *call) startLiveRun(args map[string]any) (any, error) {
	_, saved := at(args, "input.savedQuery").(map[string]any)
	adHoc, given := at(args, "input.adHocQuery").(map[string]any)
	filters, filtered := at(args, "input.matchEndpoints.filters").([]any)
	switch {
	case saved == given:
		return nil, coded(codeBadRequest, "exactly one of savedQuery and adHocQuery must be set")
	case filtered && (len(filters) < 1 || len(filters) > 5):
		return nil, coded(codeBadRequest, "matchEndpoints has 1 to 5 filters")
	}
	run := &liveRun{name: textOf(adHoc["name"]), template: textOf(adHoc["template"]), polls: c.config.Behavior.polls() + 1}
	id := uuidOf("run " + c.id)
	r := &c.e.runs
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.runs == nil {
		r.runs = map[string]*liveRun{}
	}
	r.runs[id] = run
	return row{"executionSummary": run.object(id)}, nil
}

// object returns the state of a run.
func (r *liveRun) object(id string) record {
	status, result := "started", "notAvailable"
	switch {
	case r.cancelled:
		status, result = "finished", "failed"
	case r.polls == 0:
		status, result = "finished", "succeeded"
	}
	return record{
		"id": id, "name": r.name, "template": r.template, "status": status, "result": result, "variables": []any{},
		"timeRemainingInSeconds": r.polls,
	}
}

// liveRun returns an operation that returns the state of a run. Each reading brings the run
// forward.
func liveRunState(cancels bool) operation {
	return func(c *call, args map[string]any) (any, error) {
		id := textOf(args["runId"])
		r := &c.e.runs
		r.mu.Lock()
		defer r.mu.Unlock()
		run := r.runs[id]
		if run == nil {
			return nil, notFound("there is no run " + id)
		}
		run.polls, run.cancelled = max(run.polls-1, 0), run.cancelled || cancels
		return row{"executionSummary": run.object(id)}, nil
	}
}

// livePages returns an operation that lists rows in pages, whose number is told only if it is asked
// for.
func livePages(name, params string) operation {
	return func(c *call, args map[string]any) (any, error) {
		l := c.listing(name, "")
		s := c.exampleRows(l, args)
		answer, err := c.page(l, args, s)
		if err != nil {
			return nil, err
		}
		object := answer.(record)
		pages, ok := object["pages"].(record)
		if !ok {
			pages = record{}
			object["pages"] = pages
		}
		size := c.pageSize(l, args)
		pages["size"], pages["maxSize"], pages["items"], pages["total"] = size, 100, s.length, nil
		if total, _ := at(args, params+".pageTotal").(bool); total {
			pages["total"] = (s.length + size - 1) / size
		}
		pages["fromKey"] = at(args, l.Cursor)
		if number, given := numberAt(args, params+".page"); given {
			pages["current"] = number
		}
		return answer, nil
	}
}
