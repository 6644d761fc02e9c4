package crash_test

import (
	"fmt"
	"maps"
	"testing"

	"github.com/taegis-go/taegis/internal/stress"
)

// What a writer asks of the disk is recorded, and the power fails after each of its calls: whatever
// of the disk may then be left is made real, and judged.
func TestPowerFailure(t *testing.T) {
	for _, w := range writers {
		t.Run(w.name, func(t *testing.T) {
			j := newChecker(t)
			failures := record(j, w)
			versions := j.versions(w)
			chosen := stress.Scale(min(30, len(failures)), len(failures), len(failures))
			inParallel(chosen, func(i int) {
				f := failures[i*len(failures)/chosen]
				dir := f.checker(j, w, versions)
				if i%stress.Scale(5, 1, 1) == 0 {
					j.proceed(f.what(), w.name, w.next, dir)
				}
			})
			j.report(t, w.name+", power failure after every change to the disk", "%d of %d states that the disk may be left in", chosen, len(failures))
		})
	}
}

// failure is a power failure.
type failure struct {
	after    string
	finished int  // how many steps were finished
	left     tree // on the disk
}

func (f failure) what() string { return "power failure after " + f.after }

// checker looks at what is left of a writer's work in dir.
func (f failure) checker(j *checker, w writer, versions []state) (dir string) {
	j.Helper()
	dir = j.TempDir()
	if err := f.left.write(dir); err != nil {
		j.Errorf("%v", err)
	}
	j.check(f.what(), w, dir, versions, f.finished)
	return dir
}

// record returns all power failures that may befall a writer, without those that come to the same.
func record(j *checker, w writer) (failures []failure) {
	j.Helper()
	dir := j.prepared(w)
	m, err := newModel(dir)
	if err != nil {
		j.Fatal(err)
	}
	finished, seen := 0, map[string]bool{}
	fail := func(after string) {
		trees, treesErr := m.afterPowerFailure()
		if treesErr != nil && err == nil {
			err = treesErr
		}
		for _, t := range trees {
			if key := fmt.Sprint(finished, t.key()); !seen[key] {
				seen[key] = true
				failures = append(failures, failure{after, finished, t})
			}
		}
	}
	fail("nothing")
	_, ended, traceErr := trace(w.name, dir, j.Output(), func(c call, before bool) bool {
		switch {
		case c.name == "say" && before:
			finished++
			fail(fmt.Sprintf("step %d", finished))
		case c.name != "say" && !before && !c.failed():
			changed, applyErr := m.apply(c)
			if applyErr != nil && err == nil {
				err = applyErr
			}
			if changed {
				fail(c.String())
			}
		}
		return err == nil
	})
	requireTracing(j, traceErr)
	if err != nil || !ended {
		j.Fatalf("%s: ended: %v; %v", w.name, ended, err)
	}
	if found, err := read(dir); err != nil || !maps.Equal(found, m.live()) {
		j.Fatalf("%s: the model has gone astray: %v\n%q\nin place of\n%q", w.name, err, m.live(), found)
	}
	return failures
}
