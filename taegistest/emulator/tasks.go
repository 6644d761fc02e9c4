package emulator

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// tasks holds the bulk changes of assets by their IDs.
type tasks struct {
	mu    sync.Mutex
	last  int
	byID  map[string]*task
	reads map[string]int // of states that are made up
}

// task is a bulk change of assets, which is done when its state has been read often enough.
type task struct {
	polls, done, failed int
	finished            bool
	run                 func() (done, failed int)
}

// start stores a task and returns its first state.
func (t *tasks) start(polls int, run func() (done, failed int)) any {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byID == nil {
		t.byID = map[string]*task{}
	}
	t.last++
	id := fmt.Sprintf("task-%d", t.last)
	t.byID[id] = &task{polls: polls, run: run}
	return row{"id": id, "status": "TASK_STATE_PENDING"}
}

// state brings a task forward and returns its state.
func (t *tasks) state(id string) (any, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	found := t.byID[id]
	switch {
	case found == nil:
		return nil, notFound("there is no task " + id)
	case found.polls > 0:
		found.polls--
		return row{"id": id, "status": "TASK_STATE_IN_PROGRESS"}, nil
	case !found.finished:
		found.done, found.failed = found.run()
		found.finished = true
	}
	return row{"id": id, "status": "TASK_STATE_COMPLETED", "metadata": row{
		"numEndpoints": found.done + found.failed, "numSucceeded": found.done, "numFailed": found.failed, "syncSucceeded": true,
	}}, nil
}

// taskState returns the state of a task.
func (c *call) taskState(args struct{ ID string }) (any, error) { return c.e.tasks.state(args.ID) }

// stateOfWork returns an operation that reads the state of work of which everything else is made
// up. It is done when its state has been read often enough.
func stateOfWork(id, running, done string) operation {
	return func(c *call, args map[string]any) (any, error) {
		of := textOf(args[id])
		state := done
		if c.e.tasks.read(running+of) <= c.config.Behavior.polls() {
			state = running
		}
		return record{"id": of, "status": state}, nil
	}
}

// read counts how often the state of a task was read.
func (t *tasks) read(id string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.reads == nil {
		t.reads = map[string]int{}
	}
	t.reads[id]++
	return t.reads[id]
}

// bulkAssets returns an operation that changes the assets of a filter in the background. The filter
// is evaluated when the work is done.
func bulkAssets(change func(*corpus.Asset, map[string]any)) operation {
	return func(c *call, args map[string]any) (any, error) {
		input, _ := args["input"].(map[string]any)
		filter, _ := input["filter"].(map[string]any)
		if where, ok := input["where"].(map[string]any); ok && filter == nil {
			filter = map[string]any{"where": where}
		}
		if id, single := textAt(input, "endpointId"); single {
			filter = map[string]any{"where": map[string]any{"id": id}}
		}
		return c.e.tasks.start(c.config.Behavior.polls(), func() (done, failed int) {
			for i, a := range c.assets(filter, "") {
				if c.config.Behavior.fails(i + 1) {
					failed++
					continue
				}
				_, _ = c.scope.Assets.Update(a.Index(), func(changed *corpus.Asset) error { // never fails
					change(changed, input)
					changed.Updated = c.e.config.Load().Now().UTC()
					return nil
				})
				c.e.journal.recordChanged(a.AssetID)
				done++
			}
			return done, failed
		}), nil
	}
}

// inputTags returns the tags of an input as "key:value".
func inputTags(input map[string]any) []string {
	list, _ := input["tags"].([]any)
	tags := []string{}
	for _, item := range list {
		switch tag := item.(type) {
		case string:
			tags = append(tags, tag)
		case map[string]any:
			text := textOf(tag["key"]) + ":" + textOf(tag["value"])
			tags = append(tags, orDefault(textOf(tag["tag"]), text))
		}
	}
	return tags
}

// addTags adds tags, of which each replaces one with the same key.
func addTags(own, added []string) []string {
	key := func(tag string) string {
		name, _, _ := strings.Cut(tag, ":")
		return name
	}
	kept := slices.DeleteFunc(slices.Clone(own), func(tag string) bool {
		return slices.ContainsFunc(added, func(other string) bool { return key(other) == key(tag) })
	})
	return append(kept, added...)
}
