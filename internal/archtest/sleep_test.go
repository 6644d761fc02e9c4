package archtest_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// inBubble is the reason for a file with functions that run in a bubble of testing/synctest.
const inBubble = "called in a bubble, where it takes no time"

// sleepers are the test files that call time.Sleep outside of a function literal of synctest.Test,
// and why they may. To wait for something by sleeping is no reason.
var sleepers = map[string]string{
	"adapters/transport/silence_test.go":             inBubble,
	"export/share_test.go":                           inBubble,
	"internal/session/authorize_test.go":             inBubble,
	"internal/session/rejections_test.go":            inBubble,
	"internal/stress/callers/expiry_test.go":         inBubble,
	"internal/stress/callers/impatient_test.go":      inBubble,
	"internal/stress/callers/kinds_test.go":          inBubble,
	"internal/stress/callers/outages_test.go":        inBubble,
	"internal/stress/callers/rejections_test.go":     inBubble,
	"internal/stress/servers/sequences_test.go":      inBubble,
	"internal/cli/plugin_script_test.go":             "the process is being killed",
	"internal/cli/plugin_service_test.go":            "a service that logs in all the time; what another process writes has no event",
	"internal/stress/crash/kills_test.go":            "moves the moment of a kill at random",
	"tools/natstest/cluster_unix_test.go":            "is the pause of an export between attempts",
	"tools/natstest/kill_unix_test.go":               "moves the moment of a kill at random",
	"tools/natstest/lease_test.go":                   "an exporter counts by time; the test passes at any speed",
	"tools/natstest/share_unix_test.go":              "moves the moments of kills at random",
	"tools/natstest/exporter_unix_test.go":           "is the time of a slow server, which no test depends on",
	"internal/stress/leaks/files_linux_test.go":      "moves the moment of a kill",
	"internal/stress/processes/stopped_unix_test.go": "moves the end of a stop at random",
	"internal/stress/leaks/children_linux_test.go":   "is the time of a slow server, which no test depends on",
	"internal/stress/week/graphql_test.go":           "is the time of a slow server, which no test depends on",
	"internal/stress/servers/footprint_test.go":      "counts of goroutines and descriptors have no event",
	"internal/stress/week/metrics_test.go":           "counts of goroutines and descriptors have no event",
	"plugins/image_internal_linux_test.go":           "the kernel has no event for a writer that waits for a lease",
	"plugins/script_linux_test.go":                   "the kernel has no event for a lease",
	"profile/guard_unix_test.go":                     "moves the moments at which a writer acts; the test passes at any speed",
	"plugins/prompt_server_test.go":                  "gives another process the time to break the rule; the test passes at any speed",
}

// Tests wait for events, or sleep in bubbles of testing/synctest: a time that is long enough today
// is too short on a busy machine.
func TestNoTestSleeps(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		path, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		path = filepath.ToSlash(path)
		for _, at := range sleeps(file) {
			seen[path] = true
			if sleepers[path] == "" {
				t.Errorf("%s:%d: a test must not sleep: wait for an event, or use testing/synctest", path, fset.Position(at).Line)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for path := range sleepers {
		if !seen[path] {
			t.Errorf("%s does not sleep: remove it from the list", path)
		}
	}
}

// sleeps returns the positions of calls of time.Sleep outside of a function literal of
// synctest.Test.
func sleeps(file *ast.File) []token.Pos {
	names := map[string]string{} // of packages, by their paths
	for _, spec := range file.Imports {
		path := strings.Trim(spec.Path.Value, `"`)
		names[path] = filepath.Base(path)
		if spec.Name != nil {
			names[path] = spec.Name.Name
		}
	}
	is := func(e ast.Expr, path, name string) bool {
		selector, ok := e.(*ast.SelectorExpr)
		if !ok || selector.Sel.Name != name {
			return false
		}
		of, ok := selector.X.(*ast.Ident)
		return ok && names[path] != "" && of.Name == names[path]
	}
	var found []token.Pos
	ast.Inspect(file, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && is(call.Fun, "testing/synctest", "Test") {
			return !slices.ContainsFunc(call.Args, func(e ast.Expr) bool { _, literal := e.(*ast.FuncLit); return literal })
		}
		if e, ok := n.(ast.Expr); ok && is(e, "time", "Sleep") {
			found = append(found, n.Pos())
		}
		return true
	})
	return found
}

// A check that finds nothing is no check.
func TestSleepsAreFound(t *testing.T) {
	for body, want := range map[string]int{
		"func f() { time.Sleep(1) }":                                  1,
		"func f() { g(time.Sleep) }":                                  1,
		"func f() { synctest.Test(t, func() { time.Sleep(1) }) }":     0,
		"func f() { synctest.Test(t, g); time.Sleep(1) }":             1,
		"func f() { bubble(t, func() { time.Sleep(1) }) }":            1,
		"func f() { other.Sleep(1) }":                                 0,
		"func f() { time.After(1) }\nfunc g() { go time.Sleep(1) }\n": 1,
	} {
		for _, imports := range []string{`import ("time"; "testing/synctest")`, `import (clock "time"; "testing/synctest")`} {
			text := "package p\n" + imports + "\n" + body
			if strings.Contains(imports, "clock") {
				text = "package p\n" + imports + "\n" + strings.ReplaceAll(body, "time.", "clock.")
			}
			file, err := parser.ParseFile(token.NewFileSet(), "p_test.go", text, 0)
			if err != nil {
				t.Fatal(err)
			}
			if got := sleeps(file); len(got) != want {
				t.Errorf("%s: found %s, want %d", text, fmt.Sprint(got), want)
			}
		}
	}
}
