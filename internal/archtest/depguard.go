package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// Depguard returns the rules of the table for the linter depguard: the YAML below its key "rules",
// indented by eight spaces. They are the import rules of Check, except those that a list of
// packages cannot express.
func (t *Table) Depguard() string {
	var b strings.Builder
	shipping := []string{"$all", "!$test"}
	for i, row := range t.Rows {
		if row.Module || strings.HasPrefix(row.Folder, "docs/") {
			continue
		}
		files := t.files(i)
		name := ruleName(row.Folder)
		writeRule(&b, name, "strict", files, "allow", slices.Concat([]string{"$gostd"}, t.allowed(row)))
		if len(row.Bans) > 0 {
			writeRule(&b, name+" bans", "lax", files, "deny", denied(row.Bans, "the row "+row.Folder+" of the table bans it"))
		}
		if row.Testing {
			shipping = append(shipping, "!"+glob(row.Folder))
		}
	}
	writeRule(&b, "shipping", "lax", shipping, "deny", denied(t.TestSupport, "it is for tests, and this ships"))
	standard := []string{"$gostd", "go/", t.Module} // depguard does not count the packages below go/ as standard
	writeRule(&b, "tests", "strict", []string{"$test"}, "allow", slices.Concat(standard, t.testModules()))
	return b.String()
}

// ruleName returns a name without dots, at which the linter's configuration library splits keys.
func ruleName(folder string) string {
	if folder == "." {
		return "root"
	}
	return strings.TrimSuffix(folder, "/...")
}

func writeRule(b *strings.Builder, name, mode string, files []string, key string, entries []string) {
	fmt.Fprintf(b, "        %q:\n          list-mode: %s\n          files:\n", name, mode)
	for _, f := range files {
		fmt.Fprintf(b, "            - %q\n", f)
	}
	fmt.Fprintf(b, "          %s:\n", key)
	for _, e := range entries {
		fmt.Fprintf(b, "            - %s\n", e)
	}
}

// files returns the globs of a row's shipping files: those that match its pattern, without those of
// earlier rows.
func (t *Table) files(i int) []string {
	globs := []string{glob(t.Rows[i].Folder), "!$test"}
	for _, earlier := range t.Rows[:i] {
		if matches(t.Rows[i].Folder, earlier.Folder) {
			globs = append(globs, "!"+glob(earlier.Folder))
		}
	}
	return globs
}

func glob(folder string) string {
	if tree, ok := strings.CutSuffix(folder, "/..."); ok {
		return "${base-path}/" + tree + "/**.go"
	}
	return "${base-path}/" + strings.TrimPrefix(folder+"/", "./") + "*.go"
}

// allowed returns the row's imports as prefixes. A "$" ends an exact name. A name below another
// prefix is left out: depguard compares an import with the nearest entry of the sorted list only,
// which would then hide the prefix.
func (t *Table) allowed(row Row) []string {
	var names []string
	for _, folder := range row.Ours {
		name := strings.TrimSuffix(t.Module+"/"+folder, "/.")
		if stem, ok := strings.CutSuffix(name, "/..."); ok {
			name = stem
		} else if stem, ok := strings.CutSuffix(name, "*"); ok {
			name = stem
		} else {
			name += "$"
		}
		names = append(names, name)
	}
	names = slices.Concat(names, row.Others)
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return slices.ContainsFunc(names, func(prefix string) bool {
			return prefix != name && strings.HasPrefix(name, prefix)
		})
	})
}

func denied(patterns []string, why string) []string {
	var entries []string
	for _, p := range patterns {
		name, tree := strings.CutSuffix(p, "/...")
		if !tree {
			name += "$"
		}
		entries = append(entries, fmt.Sprintf("{pkg: %q, desc: %q}", name, why))
	}
	return entries
}
