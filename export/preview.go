package export

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
)

// Plan is what a run would export of a feed.
type Plan struct {
	Feed   FeedID
	Window Window
	// Records is how many records the server has in the window, if Exact is set.
	Records int
	Exact   bool
	Err     error // the reason if the feed cannot be read
}

// Preview asks the server what [Run] would export. It delivers and stores nothing, and needs no sink.
func Preview(ctx context.Context, c Config) ([]Plan, error) {
	c = c.withDefaults()
	if err := c.check(false); err != nil {
		return nil, err
	}
	e := newExporter(c)
	plans := make(map[string]Plan, len(c.Feeds))
	var mu sync.Mutex
	errs := e.readAll(ctx, func(ctx context.Context, r *reader) error {
		plan := Plan{Feed: r.feed.id(), Window: Window{r.progress.From, r.clock.now().Add(-c.Lag)}}
		if err := e.acquire(ctx); err != nil {
			return err
		}
		defer e.release()
		if r.feed.Stream.snapshot || plan.Window.From.Before(plan.Window.To) {
			plan.Records, plan.Exact, plan.Err = r.count(ctx, plan.Window)
		}
		mu.Lock()
		defer mu.Unlock()
		plans[plan.Feed.Key()] = plan
		return nil
	})
	var list []Plan
	for i := range c.Feeds {
		if plan, found := plans[c.Feeds[i].id().Key()]; found {
			list = append(list, plan)
		}
	}
	return list, errors.Join(errs...)
}

// ReadDir returns the progress of all feeds of the store in a folder, also while a process uses it. It
// returns a [*core.FileError] if the folder has no store.
func ReadDir(path string) ([]Progress, error) {
	if _, err := os.Stat(filepath.Join(path, checkpointName)); errors.Is(err, fs.ErrNotExist) {
		return nil, &core.FileError{Path: path, Reason: "there is no state of an export", HintText: "name the folder of --state, or run the export first", Err: err}
	}
	for try := 0; ; try++ {
		state, _, _, err := read(path)
		again, readErr := readCheckpoint(path)
		if err == nil && readErr == nil && again.Journal == state.Journal {
			return state.list(), nil
		}
		if try == 10 {
			return nil, errors.Join(err, readErr)
		}
		time.Sleep(time.Duration(try) * 10 * time.Millisecond) // the process has just written a checkpoint
	}
}
