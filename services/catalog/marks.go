package catalog

import (
	"cmp"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/schema"
)

// marksHeader explains the comments in a schema with positions that are not certain.
const marksHeader = "# \"uncertain\" marks a scalar that is not known,\n" +
	"# \"settled\" the type that public clients declare.\n\n"

// MergedSDL returns the SDK's schema of the default gateway, with the comments of [Schema.SDL].
func MergedSDL() (string, error) {
	text, err := schema.SDL(schema.Merged)
	if err != nil {
		return "", err
	}
	return marked(text, ServicesAt(core.PlatformTaegis, core.DefaultGateway, core.HostAPI)...)
}

// marked adds a comment to each argument and input field of the services with a scalar that is not
// certain: before the line of the operation, and at the end of the line of the field.
func marked(text string, services ...string) (string, error) {
	doc, err := parser.ParseSchema(&ast.Source{Input: text})
	if err != nil {
		return "", err
	}
	m, err := marksOf(services)
	if err != nil {
		return "", err
	}
	before, after := map[int]string{}, map[int]string{} // by line
	for _, def := range doc.Definitions {
		for _, f := range def.Fields {
			if def.Kind == ast.InputObject {
				after[f.Position.Line] = m[def.Name+" "+f.Name].text(f.Type.String())
				continue
			}
			var notes []string
			for _, a := range f.Arguments {
				if note := m[def.Name+"."+f.Name+" "+a.Name].text(a.Type.String()); note != "" {
					notes = append(notes, a.Name+" "+note)
				}
			}
			before[f.Position.Line] = strings.Join(notes, ", ")
		}
	}
	var b strings.Builder
	found := false
	number := 0
	for line := range strings.Lines(text) {
		number++
		if note := before[number]; note != "" {
			found = true
			b.WriteString(line[:len(line)-len(strings.TrimLeft(line, " "))] + "# " + note + "\n")
		}
		b.WriteString(strings.TrimSuffix(line, "\n"))
		if note := after[number]; note != "" {
			found = true
			b.WriteString(" # " + note)
		}
		b.WriteString("\n")
	}
	if !found {
		return text, nil
	}
	return marksHeader + b.String(), nil
}

// mark is what is known about an argument or input field with a scalar that the SDL does not tell.
type mark struct {
	uncertain bool
	settled   string
}

// text returns the comment for a position with that type in the SDL, or "".
func (m mark) text(sdl string) string {
	switch {
	case m.settled != "" && m.settled != sdl:
		return "settled: " + m.settled
	case m.uncertain && m.settled == "":
		return "uncertain"
	}
	return ""
}

// marksOf returns the marks of all services by "Query.client id" and "ClientInput id".
func marksOf(services []string) (map[string]mark, error) {
	unsettled, err := schema.Unsettled()
	if err != nil {
		return nil, err
	}
	settled, err := schema.Settled()
	if err != nil {
		return nil, err
	}
	marks := map[string]mark{}
	for _, service := range services {
		left, known := unsettled[service], settled[service]
		for _, p := range slices.Concat(left.Arguments, left.InputFields) {
			at := p.On + " " + p.Name
			marks[at] = mark{uncertain: true, settled: marks[at].settled}
		}
		for _, s := range slices.Concat(known.Arguments, known.InputFields) {
			if at := s.On + " " + s.Name; s.Note == "" {
				marks[at] = mark{settled: cmp.Or(marks[at].settled, s.Type)}
			}
		}
	}
	return marks, nil
}
