package schema

import (
	"strings"
	"unicode/utf8"

	"github.com/taegis-go/taegis/internal/text"
	"github.com/taegis-go/taegis/services/catalog"
)

// table writes rows in columns. It escapes line breaks in cells.
func table(b *strings.Builder, indent string, rows [][]string) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(text.OneLine(cell)))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			cell = text.OneLine(cell)
			line.WriteString(cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
		}
		b.WriteString(strings.TrimRight(indent+line.String(), " ") + "\n")
	}
}

// wrap writes prose in indented lines of limited length.
func wrap(b *strings.Builder, indent, prose string) {
	const width = 96
	line := indent
	for word := range strings.FieldsSeq(prose) {
		if len(line) > len(indent) && len(line)+len(word) > width {
			b.WriteString(strings.TrimRight(line, " ") + "\n")
			line = indent
		}
		line += text.Escape(word) + " "
	}
	if len(line) > len(indent) {
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// section writes a heading.
func section(b *strings.Builder, title string) {
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	b.WriteString(text.OneLine(title) + "\n")
}

// fieldRows returns a row for each field or argument.
func fieldRows(fields []catalog.Field) [][]string {
	var rows [][]string
	for _, f := range fields {
		name := f.Name
		var arguments []string
		for _, a := range f.Arguments {
			arguments = append(arguments, a.Name+": "+a.Type)
		}
		if len(arguments) > 0 {
			name += "(" + strings.Join(arguments, ", ") + ")"
		}
		var notes []string
		if f.Required {
			notes = append(notes, "required")
		}
		if f.Uncertain {
			notes = append(notes, "type uncertain")
		}
		if f.Settled != "" {
			notes = append(notes, "sent as "+f.Settled)
		}
		if f.Default != "" {
			notes = append(notes, "default "+f.Default)
		}
		rows = append(rows, []string{name, f.Type, remark(notes, f.Deprecated, f.Description)})
	}
	return rows
}

// remark joins the notes, the deprecation and the description of a name.
func remark(notes []string, deprecated, description string) string {
	if deprecated != "" {
		notes = append(notes, "deprecated: "+deprecated)
	}
	if description != "" {
		notes = append(notes, description)
	}
	return strings.Join(notes, "; ")
}

// typeRows returns the rows for the fields, values and members of a type.
func typeRows(t *catalog.Type) [][]string {
	rows := fieldRows(t.Fields)
	for _, v := range t.Values {
		rows = append(rows, []string{v.Name, remark(nil, v.Deprecated, v.Description)})
	}
	for _, member := range t.Members {
		rows = append(rows, []string{member})
	}
	return rows
}
