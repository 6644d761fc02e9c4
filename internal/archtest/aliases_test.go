package archtest_test

import (
	"testing"

	"github.com/taegis-go/taegis/internal/archtest"
)

// TestAliasWithAReason plants an alias that the table allows.
func TestAliasWithAReason(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "core/alias.go", `// Package core has an alias.
package core

import "log/slog"

type Handler = slog.Handler
`)
	table := archtest.House
	for _, test := range []struct {
		name    string
		aliases map[string]string
		want    int
	}{
		{"no reason", nil, 1},
		{"of another alias", map[string]string{"core/Level": "a test"}, 1},
		{"of this alias", map[string]string{"core/Handler": "a test"}, 0},
	} {
		table.Aliases = test.aliases
		violations, err := table.Check(dir)
		if err != nil || len(violations) != test.want {
			t.Errorf("%s: %v, %v, want %d violations", test.name, violations, err, test.want)
		}
	}
}

// TestAliasesHaveReasons finds entries of the table without a reason.
func TestAliasesHaveReasons(t *testing.T) {
	for name, reason := range archtest.House.Aliases {
		if reason == "" {
			t.Errorf("the alias %s has no reason", name)
		}
	}
}
