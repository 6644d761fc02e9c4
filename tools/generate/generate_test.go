package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

const repository = "../.."

// maxLines is the budget for all generated code: a reader, a compiler and a review tool have to
// get through it. 7,000 lines are those of fusion.
const maxLines = 65_000

// tree is a module of its own that holds generated code and what it imports of ours.
type tree struct{ dir string }

func newTree(t *testing.T, files map[string][]byte) tree {
	t.Helper()
	dir := t.TempDir()
	if err := write(dir, files); err != nil {
		t.Fatal(err)
	}
	tr := tree{dir}
	// The generated part of the catalog, without what is written by hand and needs other modules.
	tr.write(t, "services/catalog/catalog.go", "package catalog\n\nvar Operations = operations\n\nfunc Services() []string { return everyService }\n")
	tr.write(t, "go.mod", "module github.com/taegis-go/taegis\n\ngo 1.26\n")
	for _, folder := range []string{
		"core", "ports", "cql", "paging", "services/internal/call",
		"internal/digest", "internal/homedir", "internal/lenientjson", "internal/netaddr", "internal/pause", "internal/rawjson", "internal/redact",
		"internal/setting",
		"internal/text",
	} {
		sources, err := filepath.Glob(filepath.Join(repository, folder, "*.*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, source := range sources {
			if strings.HasSuffix(source, "_test.go") || strings.HasSuffix(source, ".gen.go") {
				continue
			}
			text, err := os.ReadFile(source)
			if err != nil {
				t.Fatal(err)
			}
			tr.write(t, folder+"/"+filepath.Base(source), string(text))
		}
	}
	return tr
}

func (tr tree) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(tr.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// run runs the go command in the tree and returns its standard output.
func (tr tree) run(t *testing.T, args ...string) []byte {
	t.Helper()
	begin := time.Now()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = tr.dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "CGO_ENABLED=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s%s", strings.Join(args, " "), err, out, &stderr)
	}
	t.Logf("go %s: %.1f s", strings.Join(args, " "), time.Since(begin).Seconds())
	return out
}

func generateAll(t *testing.T, schema string) map[string][]byte {
	t.Helper()
	a, err := readAPI(os.DirFS(schema))
	if err != nil {
		t.Fatal(err)
	}
	files, err := generate(a, a.services)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestRules generates a service that needs every rule, and runs rules_test.go.txt against it.
func TestRules(t *testing.T) {
	tr := newTree(t, generateAll(t, "testdata/rules"))
	text, err := os.ReadFile("testdata/rules/rules_test.go.txt")
	if err != nil {
		t.Fatal(err)
	}
	tr.write(t, "services/allrules/rules_test.go", string(text))
	tr.run(t, "test", "./services/allrules")
}

func TestDocumentation(t *testing.T) {
	files := generateAll(t, "testdata/rules")
	for name, lines := range map[string][]string{
		"services/allrules/doc.gen.go": {
			"// Package allrules calls the Taegis service all_rules at the gateway /rules/query of the tenants host.",
			"// Arguments with a scalar type that is not certain: 2. They are sent as literals.",
			"// Arguments with the type that public clients declare: 1.",
			"//   - [Service.Probe](id, optional apiKey, options, filter, tags): [Probe]",
			"//   - [Service.Shapes](): list of [Shape]",
			"//   - [Service.Ping](): Boolean",
			"//   - [Service.Retired](): Boolean; no replacement is known",
			"//   - [Service.Renamed](): Boolean; use [Service.Ping]",
			"//   - [Service.Moved](): Boolean; use Elsewhere of package other",
		},
		"services/allrules/service.gen.go": {
			"// ProbeArgs holds the arguments of [Service.Probe] of the all_rules service.",
			"// Probe runs this query of the all_rules service:",
			"//	probe(id: String!, apiKey: String, options: JSON, filter: ProbeFilter, tags: [String!]): Probe",
			"// Deprecated: use [Service.Ping].",
		},
		"services/allrules/types.gen.go": {
			"// ServiceType is the object Service of the all_rules service, returned by [Service.Probe].",
			"// Shape is a union of the all_rules service, returned by [Service.Shapes] and 2 more.",
			"// ProbeFilter is an input of the all_rules service, passed to [Service.Probe].",
			"// Kind is an enum of the all_rules service, used by [Service.Probe].",
			"	// Deprecated: use TenantID.",
			"	// Deprecated: use Count. Not selected by default; use " + selectionFunc + ".",
			"	// Parent is recursive and not selected by default; use " + selectionFunc + ".",
			"	// Shade is recursive and not always selected by default; use " + selectionFunc + ".",
			"	// Deprecated: use Service.Name. Not selected by default; use " + selectionFunc + ".",
			"	// Deprecated: use ONE.",
		},
	} {
		if !bytes.HasPrefix(files[name], []byte("// Code generated ")) || !bytes.Contains(files[name][:100], []byte(" DO NOT EDIT.\n")) {
			t.Errorf("%s is not marked as generated", name)
		}
		for _, line := range lines {
			if !bytes.Contains(files[name], []byte("\n"+line+"\n")) {
				t.Errorf("%s lacks: %s", name, line)
			}
		}
	}
}

// TestAllServices generates every service of Taegis, compiles the lot, and validates the default
// documents of the compiled operations.
func TestAllServices(t *testing.T) {
	begin := time.Now()
	files := generateAll(t, repository+"/services/schema")
	took := time.Since(begin)
	if again := generateAll(t, repository+"/services/schema"); !maps.EqualFunc(files, again, bytes.Equal) {
		t.Error("two runs differ")
	}
	lines, size := 0, 0
	for _, text := range files {
		lines += bytes.Count(text, []byte("\n"))
		size += len(text)
	}
	t.Logf("%d files, %d lines, %d bytes in %.2f s", len(files), lines, size, took.Seconds())
	if lines > maxLines {
		t.Errorf("%d lines, want at most %d", lines, maxLines)
	}
	tr := newTree(t, files)
	tr.run(t, "build", "./...")
	tr.run(t, "vet", "./...")
	tr.write(t, "dump/main.go", dumpProgram)
	validateDocuments(t, tr.run(t, "run", "./dump"))
}

const dumpProgram = `package main

import (
	"encoding/json"
	"os"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/catalog"
)

func main() {
	var all []*core.Operation
	for _, service := range catalog.Services() {
		all = append(all, catalog.Operations(service)...)
	}
	if err := json.NewEncoder(os.Stdout).Encode(all); err != nil {
		panic(err)
	}
}
`

// described is a core.Operation, which belongs to another module.
type described struct {
	Service, Name, Kind, Selection, Deprecated string
	Arguments                                  []argument
}

func validateDocuments(t *testing.T, dump []byte) {
	var operations []described
	if err := json.Unmarshal(dump, &operations); err != nil {
		t.Fatal(err)
	}
	a, err := readAPI(os.DirFS(repository + "/services/schema"))
	if err != nil {
		t.Fatal(err)
	}
	schemas := map[string]*ast.Schema{}
	largest, inline, deprecated := 0, 0, 0
	for _, op := range operations {
		if schemas[op.Service] == nil {
			if schemas[op.Service], err = a.load(op.Service); err != nil {
				t.Fatal(err)
			}
		}
		text := documentOf(op)
		largest = max(largest, len(text))
		if op.Deprecated != "" {
			deprecated++
		}
		for _, arg := range op.Arguments {
			if arg.Inline {
				inline++
			}
		}
		if _, err := gqlparser.LoadQueryWithRules(schemas[op.Service], text, nil); err != nil {
			t.Errorf("%s.%s: %v\n%s", op.Service, op.Name, err, text)
		}
	}
	t.Logf("%d services, %d operations (%d deprecated), %d inline arguments, largest document %d bytes",
		len(schemas), len(operations), deprecated, inline, largest)
	if len(schemas) != 70 || len(operations) != 1092 {
		t.Error("want 70 services with 1092 operations, 5 with 90 of fusion")
	}
}

// documentOf writes the document of an operation as a transport does: variables, and literals
// for the inline arguments.
func documentOf(op described) string {
	var variables, arguments []string
	for _, arg := range op.Arguments {
		value := "$" + arg.Name
		if arg.Inline {
			value = literal(arg.Type)
		} else {
			variables = append(variables, "$"+arg.Name+": "+arg.Type)
		}
		arguments = append(arguments, arg.Name+": "+value)
	}
	parens := func(list []string) string {
		if len(list) == 0 {
			return ""
		}
		return "(" + strings.Join(list, ", ") + ")"
	}
	return op.Kind + " " + op.Name + parens(variables) + " { " + op.Name + parens(arguments) + " " + op.Selection + " }"
}

func literal(typeName string) string {
	if elem, isList := strings.CutPrefix(typeName, "["); isList {
		return "[" + literal(elem) + "]"
	}
	switch strings.Trim(typeName, "[]!") {
	case "Int", "Float":
		return "1"
	case "JSON":
		return `{a: [1, "b"]}`
	}
	return `"x"`
}

// TestOneServiceLinksOnlyItself builds a program with one service: no other may be in it, and
// nothing of it may run before main.
func TestOneServiceLinksOnlyItself(t *testing.T) {
	tr := newTree(t, generateAll(t, "testdata/rules"))
	tr.write(t, "one/main.go", `package main

import (
	"context"

	"github.com/taegis-go/taegis/services/allrules"
)

func main() {
	for _, op := range allrules.Operations() {
		println(op.Name)
	}
	_, _ = allrules.New(nil).Ping(context.Background())
}
`)
	tr.run(t, "build", "-o", "one.exe", "./one")
	symbols := string(tr.run(t, "tool", "nm", "one.exe"))
	if !strings.Contains(symbols, "services/allrules.OpPing") {
		t.Error("the service is not in its program")
	}
	for _, unwanted := range []string{"services/other.", "services/allrules.init", "services/allrules..inittask"} {
		if strings.Contains(symbols, unwanted) {
			t.Errorf("the program holds %s", unwanted)
		}
	}
}

func TestRunWritesWhatIsListed(t *testing.T) {
	out := t.TempDir()
	list := filepath.Join(out, "services.txt")
	generated := func(names string) []string {
		t.Helper()
		if err := os.WriteFile(list, []byte(names), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := run("testdata/rules", list, out); err != nil {
			t.Fatal(err)
		}
		paths, err := filepath.Glob(filepath.Join(out, "services", "*", "doc.gen.go"))
		if err != nil {
			t.Fatal(err)
		}
		for i, path := range paths {
			paths[i] = filepath.Base(filepath.Dir(path))
		}
		return paths
	}
	if got := generated("*\n"); !slices.Equal(got, []string{"allrules", "other"}) {
		t.Errorf("* gave %q", got)
	}
	if got := generated("other\n"); !slices.Equal(got, []string{"other"}) {
		t.Errorf("what is no longer listed stayed: %q", got)
	}
	if err := os.WriteFile(list, []byte("nobody\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run("testdata/rules", list, out); err == nil || !strings.Contains(err.Error(), `no service "nobody"`) {
		t.Errorf("got %v", err)
	}
}
