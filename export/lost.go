package export

import (
	"errors"
	"slices"
)

// held returns the batches without those that were read in a lost term. They are not delivered. A group
// has batches of one term of a feed only: the readers wait for a commit before they let go.
func (d *delivery) held(group []item) []item {
	if d.leaser == nil {
		return group
	}
	var held []item
	for _, b := range group {
		if b.term > d.lost[b.progress.Feed.Key()] {
			held = append(held, b)
		}
	}
	return held
}

// dropLost removes the changes from a commit that were not stored, because another exporter has taken
// over their feeds. It returns the error of the commit if it is another one.
func (d *delivery) dropLost(c *Commit, err error) error {
	lost, ok := errors.AsType[*LostError](err)
	if !ok {
		return err
	}
	d.Logger.Warn("feeds were lost to another exporter while their records were delivered", "error", err)
	c.Feeds = slices.DeleteFunc(c.Feeds, func(change Change) bool {
		if !slices.Contains(lost.Feeds, change.Progress.Feed) {
			return false
		}
		d.lost[change.Progress.Feed.Key()] = change.Term
		d.summary.Uncommitted += int64(len(change.Marks))
		return true
	})
	return nil
}
