package catalog_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
)

// Each deprecated operation is logged when a client first calls it, to the client's logger, with
// what to use.
func TestDeprecatedOperationsAreLoggedOnce(t *testing.T) {
	var elsewhere, log strings.Builder
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&elsewhere, nil)))
	defer slog.SetDefault(before)
	w := &wire{answer: "null"}
	client, err := taegis.New(taegis.WithTransport(w), taegis.WithConfigFile(filepath.Join(t.TempDir(), "config")),
		taegis.WithAuthenticators(&authn.StaticToken{Token: core.NewSecret("x")}),
		taegis.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()

	counts := func(op *core.Operation) bool { // the client is one of Taegis
		return op.Deprecated != "" && op.Platform == core.PlatformTaegis
	}
	calls := everyCall(t)
	deprecated := 0
	for range 2 {
		for _, c := range calls {
			if !counts(c.op) {
				continue
			}
			deprecated++
			c.method = reflect.ValueOf(services[c.op.Service](client)).MethodByName(c.name[strings.LastIndex(c.name, ".")+1:])
			c.wire = w
			if _, err := c.run(t, "null", reflect.Value{}); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		}
	}
	lines := slices.Collect(strings.Lines(log.String()))
	for _, c := range calls {
		want := fmt.Sprintf("service=%s operation=%s replacement=%q\n", c.op.Service, c.op.Name, c.op.Deprecated)
		found := 0
		for _, line := range lines {
			if strings.Contains(line, "level=WARN") && strings.HasSuffix(line, want) {
				found++
			}
		}
		if (found == 1) != counts(c.op) {
			t.Errorf("%s was logged %d times", c.name, found)
		}
	}
	if deprecated == 0 || 2*len(lines) != deprecated {
		t.Errorf("%d lines of %d calls", len(lines), deprecated)
	}
	if elsewhere.Len() > 0 {
		t.Errorf("logged elsewhere: %s", elsewhere.String())
	}
}
