package output_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	yaml "go.yaml.in/yaml/v3"

	"github.com/taegis-go/taegis/internal/output"
)

// YAML is read back as the same values, also by a reader of YAML 1.1.
func TestYAMLReadsBack(t *testing.T) {
	for _, value := range nasty {
		for name, out := range map[string]string{
			"list": printed(t, output.Options{Format: output.YAML}, value, value), "escaped": printed(t, output.Options{Format: output.YAML, Terminal: true}, value, value),
		} {
			var got, want any
			if err := yaml.Unmarshal([]byte(out), &got); err != nil {
				t.Errorf("%s: %s became %s: %v", name, value, out, err)
				continue
			}
			if err := json.Unmarshal([]byte("["+value+","+value+"]"), &want); err != nil {
				want = []any{value, value} // a number beyond float64
				got = []any{got.([]any)[0], got.([]any)[1]}
				if value != "1e400" {
					t.Fatal(err)
				}
				continue
			}
			if a, b := fmt.Sprintf("%T %[1]v", plain(got)), fmt.Sprintf("%T %[1]v", plain(want)); a != b {
				t.Errorf("%s: %s became %s: %s, want %s", name, value, out, a, b)
			}
		}
	}
}

// plain returns a decoded value with all numbers as float64.
func plain(value any) any {
	switch v := value.(type) {
	case int:
		return float64(v)
	case uint64:
		return float64(v)
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = plain(v[k])
		}
	}
	return value
}

// many is how many records are enough to see whether memory grows.
const many = 40_000

// The memory of a long list is that of a short one.
func TestMemoryStaysFlat(t *testing.T) {
	for name, o := range map[string]output.Options{
		"jsonl": {}, "csv": {Format: output.CSV, Columns: columns}, "guessed": {Format: output.CSV}, "json": {Format: output.JSON},
		"yaml": {Format: output.YAML}, "table": {Format: output.Table, Columns: columns}, "fields": {Fields: fields(t, "metadata.title,tags.deep")},
	} {
		p, err := output.New(io.Discard, o)
		if err != nil {
			t.Fatal(err)
		}
		var early, late uint64
		err = p.Records(context.Background(), func(yield func(json.RawMessage, error) bool) {
			for i := range many {
				if !yield(json.RawMessage(alerts[i%3]), nil) {
					return
				}
				switch i {
				case many / 20:
					early = heap()
				case many - 1:
					late = heap()
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if late > early+early/5 {
			t.Errorf("%s: %d bytes after %d records, %d after %d", name, early, many/20, late, many)
		}
	}
}

func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func BenchmarkRecords(b *testing.B) {
	for name, o := range map[string]output.Options{"jsonl": {}, "csv": {Format: output.CSV, Columns: columns}, "yaml": {Format: output.YAML}} {
		b.Run(name, func(b *testing.B) {
			p, err := output.New(io.Discard, o)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(strings.Join(alerts[:3], ""))) / 3)
			b.ReportAllocs()
			_ = p.Records(context.Background(), func(yield func(json.RawMessage, error) bool) {
				for i := 0; b.Loop(); i++ {
					if !yield(json.RawMessage(alerts[i%3]), nil) {
						return
					}
				}
			})
		})
	}
}
