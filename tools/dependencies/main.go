// Command dependencies writes the bill of materials of the module, in CycloneDX's format, and from
// it the list of licences in docs/dependencies.md:
//
//	go -C tools run ./dependencies -bill bill.cdx.json
//
// It fails if a dependency of go.mod has no reason in that document, if a reason has no dependency, or
// if a licence is not an accepted one.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// accepted are the licences that allow any use of the SDK and its program. MPL-2.0 requires the source
// of its own files only, which are public and unchanged.
var accepted = []string{"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "MIT", "MPL-2.0"}

// read are licences that were checked by hand, because the detector does not recognize them.
var read = map[string]string{
	"github.com/cenkalti/backoff/v5": "MIT",
	"github.com/fatih/color":         "MIT",
}

func main() {
	dir := flag.String("dir", "..", "root of the module")
	bill := flag.String("bill", "", "file for the bill of materials; none if empty")
	flag.Parse()
	if err := run(*dir, *bill); err != nil {
		fmt.Fprintln(os.Stderr, "dependencies:", err)
		os.Exit(1)
	}
}

func run(dir, bill string) error {
	if bill == "" {
		scratch, err := os.MkdirTemp("", "bill-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(scratch) }()
		bill = filepath.Join(scratch, "bill.cdx.json")
	}
	components, err := write(dir, bill)
	if err != nil {
		return err
	}
	document := filepath.Join(dir, "docs", "dependencies.md")
	text, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	direct, err := required(filepath.Join(dir, "go.mod"))
	if err != nil {
		return err
	}
	list, unknown := licences(components)
	updated, err := insert(string(text), list)
	return errors.Join(err, unknown, compare(direct, reasons(string(text))), save(document, updated))
}

func save(document, text string) error {
	if text == "" {
		return nil
	}
	return os.WriteFile(document, []byte(text), 0o600) // the existing file keeps its mode
}

// component is a module in a bill of materials.
type component struct {
	Name, Version string
	Evidence      struct {
		Licenses []struct{ License struct{ ID string } }
	}
}

// write creates the bill of the modules that programs of this module link, without those of tests.
func write(dir, bill string) ([]component, error) {
	tools, err := filepath.Abs("go.mod")
	if err != nil {
		return nil, err
	}
	bill, err = filepath.Abs(bill)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("go", "tool", "-modfile="+tools, "cyclonedx-gomod", "mod", "-json", "-licenses", "-type", "library",
		"-output", bill, ".")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("cyclonedx-gomod: %w\n%s", err, out)
	}
	text, err := os.ReadFile(bill)
	if err != nil {
		return nil, err
	}
	var made struct{ Components []component }
	if err := json.Unmarshal(text, &made); err != nil {
		return nil, fmt.Errorf("%s: %w", bill, err)
	}
	return made.Components, nil
}

// licences lists modules with their licences as a table in Markdown.
func licences(components []component) (string, error) {
	var b strings.Builder
	var unknown []error
	b.WriteString("| module | version | licence |\n| --- | --- | --- |\n")
	for _, c := range components {
		licence := read[c.Name]
		for _, found := range c.Evidence.Licenses {
			licence = found.License.ID
		}
		if !slices.Contains(accepted, licence) {
			unknown = append(unknown, fmt.Errorf("%s: the licence %q is not an accepted one", c.Name, licence))
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", c.Name, c.Version, licence)
	}
	return b.String(), errors.Join(unknown...)
}

const begin, end = "<!-- licences: written by the command -->\n", "<!-- end of licences -->\n"

func insert(text, list string) (string, error) {
	before, rest, found := strings.Cut(text, begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		return "", fmt.Errorf("docs/dependencies.md: the marks %q and %q are missing", begin, end)
	}
	return before + begin + "\n" + list + "\n" + end + after, nil
}

// row matches a dependency and its reason in the document.
var row = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| .+ \\|$")

func reasons(text string) map[string]bool {
	given := map[string]bool{}
	for _, match := range row.FindAllStringSubmatch(text, -1) {
		given[match[1]] = true
	}
	return given
}

func required(file string) (map[string]bool, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	mod, err := modfile.ParseLax(file, text, nil)
	if err != nil {
		return nil, err
	}
	direct := map[string]bool{}
	for _, r := range mod.Require {
		if !r.Indirect {
			direct[r.Mod.Path] = true
		}
	}
	return direct, nil
}

func compare(direct, given map[string]bool) error {
	var wrong []error
	for _, module := range slices.Sorted(maps.Keys(direct)) {
		if !given[module] {
			wrong = append(wrong, fmt.Errorf("docs/dependencies.md gives no reason for %s", module))
		}
	}
	for _, module := range slices.Sorted(maps.Keys(given)) {
		if !direct[module] {
			wrong = append(wrong, fmt.Errorf("docs/dependencies.md has %s, which go.mod does not require", module))
		}
	}
	return errors.Join(wrong...)
}
