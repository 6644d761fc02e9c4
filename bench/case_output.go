package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"strconv"
	"strings"

	"github.com/taegis-go/taegis/internal/output"
)

// outputPage is how many records a page of the output case has.
const outputPage = 100

// outputGrowth is the ratio by which the memory of a long list may exceed that of a short one.
const outputGrowth = 1.2

// printing measures the output of lists, in a process of its own for each side. Both sides decode
// the same pages and write to the null device. The loop that copies writes each record as it came;
// for CSV it decodes the columns with encoding/json and writes them with encoding/csv.
func printing(b *bench) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	loads := []int{10_000, 100_000, 1_000_000}
	if b.quick {
		loads = []int{1000, 10_000, 100_000}
	}
	env := []string{roleVariable + "=printer"}
	for _, format := range []string{"jsonl", "csv"} {
		load := scaling{name: "output-" + format, title: "Records as " + format, x: "records", loads: loads, rounds: b.scale(5, 2)}
		var failed error
		all, err := b.scaled(load, func(n int) []candidate {
			var sides []candidate
			for _, side := range []string{"taegis", "copy loop"} {
				c, err := b.launched(side, env, self, side, format, strconv.Itoa(n))
				if err != nil {
					failed = err
				}
				sides = append(sides, c)
			}
			return sides
		})
		if err == nil {
			err = failed
		}
		if err != nil {
			return err
		}
		last := len(loads) - 1
		b.add(
			atLeast(0.8, "the copy loop's rate").row(fmt.Sprintf("%d records as %s", loads[last], format), all[last], seconds, duration),
			flat(fmt.Sprintf("its memory, %d and %d", loads[0], loads[last]), all[0], all[last]),
		)
	}
	return nil
}

// flat returns a row that requires the memory of a long list to be that of a short one.
func flat(title string, less, more results) row { return flatAgainst("copy loop", title, less, more) }

// flatAgainst is flat with another peer.
func flatAgainst(peer, title string, less, more results) row {
	a, z := less.of(0, memory), more.of(0, memory)
	return row{
		title: title, reach: fmt.Sprintf("at most %v times", outputGrowth), met: z <= outputGrowth*a,
		reached: fmt.Sprintf("%s times (%s to %s)", digits(z/a), megabytes(a), megabytes(z)),
		peers:   peer + " " + megabytes(more.of(1, memory)),
	}
}

// outputRecord is a record as a server sends one, with the fields that outputColumns names.
const outputRecord = `{"id":"alert://priv:stolen-user-credentials:145831:1767366245000:%012d","status":"OPEN","severity":0.8,` +
	`"metadata":{"title":"Login from a new place, after %d failures","created_at":{"seconds":1767366245,"nanos":0},` +
	`"confidence":0.75,"creator":{"detector":{"detector_id":"app:detect:new-place","version":"1.4.2"}}},"tenant_id":"145831"}`

var outputColumns = []output.Column{
	{Name: "ID", Path: "id"},
	{Name: "SEVERITY", Path: "severity"},
	{Name: "TITLE", Path: "metadata.title"},
	{Name: "STATUS", Path: "status"},
	{Name: "TENANT", Path: "tenant_id"},
}

// outputRecords decodes a page again and again until n records have come.
func outputRecords(n int) iter.Seq2[json.RawMessage, error] {
	var list []string
	for i := range outputPage {
		list = append(list, fmt.Sprintf(outputRecord, i, i))
	}
	page := []byte(`{"list":[` + strings.Join(list, ",") + `]}`)
	return func(yield func(json.RawMessage, error) bool) {
		for i := 0; i < n; i += outputPage {
			var decoded struct{ List []json.RawMessage }
			if err := json.Unmarshal(page, &decoded); err != nil {
				yield(nil, err)
				return
			}
			for _, record := range decoded.List {
				if !yield(record, nil) {
					return
				}
			}
		}
	}
}

// printer is the role of a process that prints: SIDE FORMAT RECORDS.
func printer() (err error) {
	n, err := strconv.Atoi(os.Args[3])
	if err != nil {
		return err
	}
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer func() {
		if e := null.Close(); err == nil {
			err = e
		}
	}()
	records := outputRecords(n)
	switch {
	case os.Args[1] == "taegis":
		p, err := output.New(null, output.Options{Format: output.Format(os.Args[2]), Columns: outputColumns})
		if err != nil {
			return err
		}
		return p.Records(context.Background(), records)
	case os.Args[2] == "csv":
		return copyCSV(null, records)
	}
	return copyLines(null, records)
}

func copyLines(null *os.File, records iter.Seq2[json.RawMessage, error]) error {
	w := bufio.NewWriterSize(null, 64<<10)
	for record, err := range records {
		if err != nil {
			return err
		}
		_, _ = w.Write(record) // Flush returns the first error
		_ = w.WriteByte('\n')  // as above
	}
	return w.Flush()
}

func copyCSV(null *os.File, records iter.Seq2[json.RawMessage, error]) error {
	w := csv.NewWriter(bufio.NewWriterSize(null, 64<<10))
	for record, err := range records {
		if err != nil {
			return err
		}
		var alert struct {
			ID       string
			Severity json.Number
			Metadata struct{ Title string }
			Status   string
			TenantID string `json:"tenant_id"`
		}
		if err := json.Unmarshal(record, &alert); err != nil {
			return err
		}
		if err := w.Write([]string{alert.ID, alert.Severity.String(), alert.Metadata.Title, alert.Status, alert.TenantID}); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
