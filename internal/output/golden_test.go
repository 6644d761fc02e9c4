package output_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/taegis-go/taegis/internal/output"
)

var update = flag.Bool("update", false, "write the golden files")

// alerts are records as a server sends them.
var alerts = []string{
	`{"id":"alert://priv:1","severity":0.8,"count":9007199254740993,"metadata":{"title":"Login from a new place","created_at":{"seconds":1767366245,"nanos":0}},"tags":["a","b"],"seen":"2026-03-01T12:00:00.25+02:00"}`,
	`{ "id" : "alert://priv:2", "severity": 1e400, "count": -0.0,
	   "metadata": {"title": "世界の警告 👍 é é", "created_at": {"seconds": 1767366246}}, "tags": [], "seen": null }`,
	`{"id":"=HYPERLINK(\"http://evil\")","severity":null,"count":-5,"metadata":{"title":"line\nbreak, \"quoted\"\u0000\u001b[2J\u202e,tab\tend","created_at":null},"tags":[{"deep":[[1]]}],"extra":true}`,
	`null`,
	`{}`,
}

var columns = []output.Column{
	{Name: "ID", Path: "id"},
	{Name: "SEVERITY", Path: "severity", Format: func(v json.RawMessage) string { return "<" + string(v) + ">" }},
	{Name: "TITLE", Path: "metadata.title"},
	{Name: "CREATED", Path: "metadata.created_at", Time: true},
	{Name: "TAGS", Path: "tags"},
	{Name: "SEEN", Path: "seen"},
}

func records(values ...string) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		for _, v := range values {
			if !yield(json.RawMessage(v), nil) {
				return
			}
		}
	}
}

func fields(t *testing.T, list string) *output.Fields {
	t.Helper()
	f, err := output.ParseFields(list)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func filter(t *testing.T, text string) *output.JQ {
	t.Helper()
	q, err := output.ParseJQ(text)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func form(t *testing.T, text string) *output.Text {
	t.Helper()
	parsed, err := output.ParseTemplate(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// options returns the cases of the golden files by name.
func options(t *testing.T) map[string]output.Options {
	all := map[string]output.Options{}
	east := time.FixedZone("east", 2*60*60)
	for name, o := range map[string]output.Options{
		"default":        {},
		"columns":        {Columns: columns},
		"local":          {Columns: columns, Location: east, Format: output.Table},
		"table":          {Columns: columns, Format: output.Table},
		"table-guessed":  {Format: output.Table, NoHeaders: true},
		"table-fields":   {Format: output.Table, Columns: columns, Fields: fields(t, `metadata.title,metadata.created_at,tags.deep,missing`)},
		"json":           {Format: output.JSON},
		"json-fields":    {Format: output.JSON, Fields: fields(t, `tags.deep,metadata.title,count,metadata.missing`)},
		"jsonl":          {Format: output.JSONL},
		"csv":            {Format: output.CSV, Columns: columns},
		"csv-guessed":    {Format: output.CSV},
		"csv-fields":     {Format: output.CSV, Fields: fields(t, `metadata.title,count,missing`), NoHeaders: true},
		"yaml":           {Format: output.YAML},
		"yaml-fields":    {Format: output.YAML, Fields: fields(t, `metadata.title,tags`)},
		"template":       {Template: form(t, `{{if .}}{{.count}} {{json .tags}}{{with .tags}} {{join "+" .}}{{end}}{{end}}`)},
		"jq":             {JQ: filter(t, `if . then .id, .count, .metadata else empty end`)},
		"jq-csv":         {JQ: filter(t, `select(.id) | {title: .metadata.title, "=id": .id}`), Format: output.CSV},
		"jq-table":       {JQ: filter(t, `.id?`), Format: output.Table, Columns: columns},
		"jq-json-fields": {JQ: filter(t, `.`), Format: output.JSON, Fields: fields(t, `metadata.title`)},
		"indent":         {Format: output.JSON, Indent: true},
	} {
		all[name] = o
		o.Terminal, o.Width = true, 80
		all[name+"-80"] = o
		o.Width, o.Color = 40, true
		all[name+"-40"] = o
	}
	return all
}

func TestGolden(t *testing.T) {
	for name, o := range options(t) {
		t.Run(name, func(t *testing.T) {
			var got strings.Builder
			for _, part := range []struct {
				title string
				print func(p *output.Printer) error
			}{
				{"list", func(p *output.Printer) error { return p.Records(context.Background(), records(alerts...)) }},
				{"empty list", func(p *output.Printer) error { return p.Records(context.Background(), records()) }},
				{"one", func(p *output.Printer) error { return p.Record(context.Background(), json.RawMessage(alerts[2])) }},
				{"list that fails", func(p *output.Printer) error {
					return p.Records(context.Background(), func(yield func(json.RawMessage, error) bool) {
						_ = yield(json.RawMessage(alerts[0]), nil) && yield(nil, errors.New("the server is gone"))
					})
				}},
			} {
				var out bytes.Buffer
				o.Note = func(remark string) { out.WriteString("(note) " + remark + "\n") }
				p, err := output.New(&out, o)
				if err != nil {
					t.Fatal(err)
				}
				got.WriteString("== " + part.title + "\n")
				err = part.print(p)
				got.WriteString(out.String())
				if err != nil {
					got.WriteString("(error) " + err.Error() + "\n")
				}
				if o.Terminal {
					checkTerminal(t, o, out.String())
				}
			}
			path := filepath.Join("testdata", "golden", name+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
