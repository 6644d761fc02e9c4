// Package output prints records, which are JSON values, as tables, JSON, JSON lines, CSV, YAML or
// by a template. It reads and writes the bytes of the values themselves, so that the digits of
// numbers and the order of members stay as the server sent them. It keeps no record, except a table
// the first ones, so that its memory does not grow with the number of records.
package output

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/taegis-go/taegis/internal/text"
)

// Format is a form of the output.
type Format string

// The formats.
const (
	Table    Format = "table"
	JSON     Format = "json"  // one document; a list is one array
	JSONL    Format = "jsonl" // one record a line
	CSV      Format = "csv"
	YAML     Format = "yaml" // one document; a list is one sequence
	Template Format = "template"

	// pretty is the default at a terminal without known columns: indented records one after
	// another.
	pretty Format = ""
	// lines is the default after a filter: texts as they are, other values one a line.
	lines Format = "lines"
)

// Formats returns the formats that a user can choose.
func Formats() []string {
	return []string{string(Table), string(JSON), string(JSONL), string(CSV), string(YAML), string(Template)}
}

// ParseFormat returns the format with a name, or an error that lists the formats.
func ParseFormat(name string) (Format, error) {
	if f := Format(strings.ToLower(name)); slices.Contains(Formats(), string(f)) {
		return f, nil
	}
	return "", fmt.Errorf("use one of %s", strings.Join(Formats(), ", "))
}

// Column is a column of the table and the CSV file of a command's records.
type Column struct {
	Name string // the header of the table
	Path string // the path to the value, as in [ParseFields]; it is the header of the CSV file
	// Time means that the value is an instant: a text in the format of RFC 3339, an object with
	// seconds and nanos, or a number of seconds, milliseconds or microseconds since 1970. Tables and CSV files
	// show it in the format of RFC 3339.
	Time bool
	// Format returns the text of the value in tables, for example "high" for 0.8. It is nil for the
	// value itself, and is not called for null.
	Format func(value json.RawMessage) string
}

// Options are the choices of the user, the terminal and the command. The zero value writes JSON
// lines.
type Options struct {
	Format    Format  // "" chooses by Terminal, Columns and JQ
	Fields    *Fields // nil means all
	JQ        *JQ     // nil means no filter
	Template  *Text   // set if and only if Format is Template
	NoHeaders bool    // of tables and CSV files

	// Terminal means that text of others is escaped, lines fit Width, and JSON is indented.
	Terminal bool
	Width    int            // columns of the terminal
	Color    bool           // use colours
	Location *time.Location // of times in tables; nil means UTC
	Indent   bool           // indent JSON without a terminal too
	Columns  []Column
	// Note receives remarks for the user, for example about fields that no record has. It may be
	// nil.
	Note func(remark string)
}

// Printer prints records.
type Printer struct {
	o      Options
	out    *buffer
	form   form
	filter []byte // the record after Fields

	printed bool // there was a record

	fields  *Fields  // of a table or CSV file, nil if the records decide
	columns []Column // of the fields
}

// form prints records in one format.
type form interface {
	// write prints a record. It does not keep it.
	write(record []byte) error
	// end prints what follows the last record.
	end() error
}

// New returns a printer to w. It reports an option that makes no sense together with others.
func New(w io.Writer, o Options) (*Printer, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	if o.Note == nil {
		o.Note = func(string) {}
	}
	if o.Location == nil {
		o.Location = time.UTC
	}
	if o.Format == "" {
		o.Format = o.byDefault()
	}
	if o.Terminal && (o.Format == CSV || o.Format == Template || o.Format == lines) {
		w = text.NewWriter(w)
	}
	p := &Printer{o: o, out: newBuffer(w)}
	var err error
	p.fields, p.columns, err = p.o.choose()
	return p, err
}

// Check returns an error for options that exclude each other.
func (o *Options) Check() error {
	columnar := o.Format == Table || o.Format == CSV || o.Format == ""
	switch {
	case o.Template != nil && o.Format != Template && o.Format != "":
		return fmt.Errorf("--template does not go with --output %s", o.Format)
	case o.Template == nil && o.Format == Template:
		return fmt.Errorf("--output template needs --template")
	case o.NoHeaders && !columnar:
		return fmt.Errorf("--no-headers does not go with --output %s, which has no headers", o.Format)
	}
	return nil
}

func (o *Options) byDefault() Format {
	switch {
	case o.Template != nil:
		return Template
	case o.JQ != nil:
		return lines
	case o.NoHeaders, o.Terminal && len(o.Columns) > 0:
		return Table
	case o.Terminal:
		return pretty
	}
	return JSONL
}

// Records prints a list. If the list ends with an error, Records ends the document after the
// records so far and returns the error; without any record it then prints nothing.
func (p *Printer) Records(ctx context.Context, records iter.Seq2[json.RawMessage, error]) error {
	return p.print(ctx, records, p.listForm)
}

// Record prints one record, which is not a list of one: JSON and YAML are its document.
func (p *Printer) Record(ctx context.Context, record json.RawMessage) error {
	return p.print(ctx, func(yield func(json.RawMessage, error) bool) { yield(record, nil) }, p.singleForm)
}

// print writes records in the form that start returns.
func (p *Printer) print(ctx context.Context, records iter.Seq2[json.RawMessage, error], start func() form) (err error) {
	defer p.out.close()
	for record, err := range records {
		if err != nil {
			return p.fail(err)
		}
		if p.form == nil {
			p.form = start()
		}
		if more, err := p.add(ctx, record); err != nil {
			return p.fail(err)
		} else if !more {
			break
		}
	}
	if p.form == nil {
		p.form = start()
	}
	if err := p.form.end(); err != nil {
		return err
	}
	if err := p.out.flush(); err != nil {
		return err
	}
	if p.o.Fields != nil {
		if unknown := p.o.Fields.unknown(); len(unknown) > 0 && p.printed {
			p.o.Note("no record has " + strings.Join(unknown, ", "))
		}
	}
	return nil
}

// Flush prints what was collected so far, in a table also the rows that wait for others. The list
// that is printed may call it.
func (p *Printer) Flush() error {
	if t, ok := p.form.(*tableForm); ok {
		if err := t.flush(); err != nil {
			return err
		}
	}
	return p.out.flush()
}

// fail ends the document after an error. The first error wins.
func (p *Printer) fail(err error) error {
	if p.form != nil && p.form.end() == nil {
		_ = p.out.flush() // err is returned
	}
	return err
}

// add prints a record, or what the filter makes of it. It returns false if the filter ends the
// output.
func (p *Printer) add(ctx context.Context, record []byte) (more bool, err error) {
	p.printed = true
	if len(record) == 0 {
		record = []byte("null")
	}
	if p.o.Fields != nil {
		if p.o.JQ != nil || p.o.Format != Table && p.o.Format != CSV {
			p.filter = p.o.Fields.root.project(p.filter[:0], record)
			record = p.filter
		}
	}
	if p.o.JQ == nil {
		return true, p.form.write(record)
	}
	return p.o.JQ.run(ctx, record, p.form.write)
}

func (p *Printer) listForm() form {
	switch p.o.Format {
	case JSON:
		return &arrayForm{recordForm: p.recordForm()}
	case YAML:
		return &yamlForm{out: p.out, list: true}
	case Table:
		return newTable(p)
	}
	return p.singleForm()
}

func (p *Printer) singleForm() form {
	switch p.o.Format {
	case YAML:
		return &yamlForm{out: p.out}
	case CSV:
		return &csvForm{out: p.out, o: &p.o, fields: p.fields, columns: p.columns}
	case Template:
		return &templateForm{out: p.out, template: p.o.Template}
	case Table:
		if p.o.JQ != nil { // a filter may make several records of one
			return newTable(p)
		}
		return &detailForm{out: p.out, o: &p.o, fields: p.fields, columns: p.columns}
	}
	r := p.recordForm()
	return &r
}

func (p *Printer) recordForm() recordForm {
	return recordForm{
		out:    p.out,
		style:  style{indent: p.o.Indent || p.o.Terminal, color: p.o.Color, escape: p.o.Terminal},
		format: p.o.Format,
	}
}

// Encoded returns the JSON of values, for [Printer.Records].
func Encoded[T any](values iter.Seq2[T, error]) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		for value, err := range values {
			var record json.RawMessage
			if err == nil {
				record, err = Encode(value)
			}
			if !yield(record, err) {
				return
			}
		}
	}
}

// Slice returns the JSON of the elements of a slice, for [Printer.Records].
func Slice[T any](values []T) iter.Seq2[json.RawMessage, error] {
	return Encoded(func(yield func(T, error) bool) {
		for _, value := range values {
			if !yield(value, nil) {
				return
			}
		}
	})
}

// Encode returns the JSON of a value. Unlike [json.Marshal] it keeps <, > and & as they are.
func Encode(value any) (json.RawMessage, error) {
	if raw, ok := value.(json.RawMessage); ok {
		return raw, nil
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(value)
	return json.RawMessage(strings.TrimSuffix(b.String(), "\n")), err
}
