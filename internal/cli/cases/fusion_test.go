package cases

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/cql"
)

func TestPredicates(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"": "createdAt >= '2026-11-29T12:00:00Z' AND createdAt <= '2026-11-30T12:00:00Z' | sort createdAt",
		"severity >= 8 and closedAt is null | sort updatedAt desc": "severity >= 8 AND closedAt IS NULL AND " +
			"createdAt >= '2026-11-29T12:00:00Z' AND createdAt <= '2026-11-30T12:00:00Z' | sort updatedAt DESC",
		"FROM Case WHERE severity = 2 OR severity = 4": "(severity = 2 OR severity = 4) AND " +
			"createdAt >= '2026-11-29T12:00:00Z' AND createdAt <= '2026-11-30T12:00:00Z' | sort createdAt",
	} {
		query, err := cql.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if query, err = query.Narrow(now, now.Add(-24*time.Hour), now); err != nil {
			t.Fatal(err)
		}
		got, err := predicate(query)
		if err != nil || got != want {
			t.Errorf("%s:\n%s, %v, want\n%s", text, got, err, want)
		}
	}
	for _, text := range []string{"FROM case_file", "FROM alert, case", "severity = 2 | fields id", "severity = 2 | sort severity | head 2"} {
		query, err := cql.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := predicate(query); !isArgumentError(err) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func isArgumentError(err error) bool {
	_, ok := errors.AsType[*core.ArgumentError](err)
	return ok
}

func TestUnknownFieldsAreNamed(t *testing.T) {
	failure := errors.New("failed")
	for text, want := range map[string]string{
		"severity = 2 | sort CREATEDAT":                          "",
		"created_at IS NULL AND status = 'x' AND created_at = 1": "created_at, status: known",
		"severity = 2 | sort updated_at":                         "updated_at: known",
		"@host = 'a'":                                            "@host: known",
	} {
		query, err := cql.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		got := withFields(failure, query)
		if !errors.Is(got, failure) || (want == "") != (got.Error() == "failed") || !strings.Contains(got.Error(), want) {
			t.Errorf("%s: %v", text, got)
		}
	}
}
