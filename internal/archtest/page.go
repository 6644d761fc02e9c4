package archtest

import (
	"fmt"
	"strings"
)

// Markdown returns the table as docs/architecture.md shows it, one line for each row.
func (t *Table) Markdown() string {
	var b strings.Builder
	b.WriteString("| folder | what it does | imports of ours | third party |\n| --- | --- | --- | --- |\n")
	for _, row := range t.Rows {
		others := names(row.Others)
		if row.Module {
			others = "a module of its own"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", folderName(row.Folder), row.Purpose, names(row.Ours), others)
	}
	return b.String()
}

// names lists folders or packages for a cell of the table.
func names(folders []string) string {
	var list []string
	for _, folder := range folders {
		list = append(list, folderName(folder))
	}
	if list == nil {
		return "–"
	}
	return strings.Join(list, ", ")
}

// folderName is a folder's name in the table; the module's own folder is the root.
func folderName(folder string) string {
	if folder == "." {
		return "the root"
	}
	return "`" + folder + "`"
}
