package catalog_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// Each deprecated operation warns when it is first called in a process, and says what to use.
func TestDeprecatedOperationsWarnOnce(t *testing.T) {
	calls := everyCall(t)
	deprecated := 0
	for _, c := range calls {
		if c.op.Deprecated == "" {
			continue
		}
		deprecated++
		want := fmt.Sprintf("service=%s operation=%s replacement=%q\n", c.op.Service, c.op.Name, c.op.Deprecated)
		found := 0
		for _, line := range warnings {
			if strings.Contains(line, "level=WARN") && strings.HasSuffix(line, want) {
				found++
			}
		}
		if found != 1 {
			t.Errorf("%s warned %d times", c.name, found)
		}
	}
	if deprecated == 0 || len(warnings) != deprecated {
		t.Errorf("%d warnings of %d deprecated operations", len(warnings), deprecated)
	}

	var more lines
	defer listen(&more)()
	for _, c := range calls {
		if _, err := c.run(t, "null", reflect.Value{}); err != nil {
			t.Error(err)
		}
	}
	if len(more) > 0 {
		t.Errorf("called again: %q", more)
	}
}
