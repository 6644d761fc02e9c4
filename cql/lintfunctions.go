package cql

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// checkFunctions checks what stands behind the pipes.
func (l *linter) checkFunctions() {
	seen := map[reflect.Type]bool{}
	aggregated := false
	for _, f := range l.Functions {
		kind := reflect.TypeOf(f)
		name := strings.ToLower(kind.Elem().Name())
		if seen[kind] {
			l.warn(f.Position(), name+" stands twice", "write it once")
		}
		seen[kind] = true
		switch f := f.(type) {
		case *Head:
			l.checkCut(f.Pos, name, f.Count)
		case *Tail:
			l.checkCut(f.Pos, name, f.Count)
			l.behindAggregate(aggregated, f.Pos, name)
		case *Fields:
			l.behindAggregate(aggregated, f.Pos, name)
		case *Sort:
			l.behindAggregate(aggregated, f.Pos, name)
			if !aggregated {
				l.checkSort(f)
			}
		case *Aggregate:
			aggregated = true
		}
	}
}

// behindAggregate warns of functions that take records, behind an aggregate, which gives groups.
func (l *linter) behindAggregate(aggregated bool, pos Position, name string) {
	if aggregated {
		l.warn(pos, name+" takes records, and groups come from aggregate, the largest count first",
			"leave it out, or use head for the largest groups")
	}
}

// checkCut checks head and tail.
func (l *linter) checkCut(pos Position, name string, count int) {
	switch {
	case count == 0:
		l.warn(pos, name+" 0 keeps no records", "give their number")
	case l.service == Cases || l.service == "" && len(l.Types) == 0 && l.hasCaseFields():
		l.warn(pos, "the service of cases does not apply "+name, "leave it out, and cut the result")
	}
}

// sharedFields are fields of cases that other records may have, too.
var sharedFields = []string{"status", "updated_at", "created_at", "title", "tags", "type"}

// hasCaseFields reports whether the condition has a field that detections and cases have.
func (l *linter) hasCaseFields() bool {
	found := false
	Inspect(l.Where, func(e Expr) bool {
		f, ok := fieldIn(e)
		found = found || ok && slices.Contains(sharedFields, strings.ToLower(f.Name))
		return true
	})
	return found
}

// timeFields are the fields that several event types can be sorted by.
var timeFields = []string{"event_time_usec", "ingest_time_usec"}

// checkSort checks whether the service sorts.
func (l *linter) checkSort(s *Sort) {
	switch {
	case l.service == Detections:
		l.error(s.Pos, "detections are not sorted by the server", "leave it out, and sort the result")
	case l.service == Events && l.severalTypes():
		for _, key := range s.Keys {
			if !slices.Contains(timeFields, strings.ToLower(key.Field.Name)) {
				l.error(key.Field.Pos,
					fmt.Sprintf("several event types are sorted by %s only", strings.Join(timeFields, " and ")),
					"write sort event_time_usec, or search one type")
			}
		}
	}
}

// severalTypes reports whether the query searches more than one event type.
func (l *linter) severalTypes() bool {
	return len(l.Types) != 1 || l.Types[0].Name == "*"
}
