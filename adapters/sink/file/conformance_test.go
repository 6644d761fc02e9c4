package file_test

import (
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/adapters/sink/file"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/ports/portstest"
)

func TestSinkKeepsTheContract(t *testing.T) {
	for name, config := range map[string]file.Sink{
		"one file":             {},
		"rotated":              {MaxBytes: 300},
		"a record in a file":   {MaxBytes: 1, FS: afero.NewMemMapFs()},
		"by time":              {Interval: time.Millisecond},
		"compressed by gzip":   {MaxBytes: 300, Compression: file.Gzip},
		"compressed by zstd":   {MaxBytes: 300, Compression: file.Zstd},
		"in memory":            {MaxBytes: 1000, FS: afero.NewMemMapFs()},
		"in memory with zstd":  {MaxBytes: 100, FS: afero.NewMemMapFs(), Compression: file.Zstd},
		"readable for a group": {Mode: 0o640},
	} {
		t.Run(name, func(t *testing.T) {
			portstest.Sink(t, func(t *testing.T) portstest.Destination {
				disk, path := config.FS, filepath.Join(t.TempDir(), "out.jsonl")
				if disk == nil {
					disk = afero.NewOsFs()
				} else if err := disk.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				return portstest.Destination{
					Exact: true,
					Sink: func() ports.Sink {
						return &file.Sink{
							Path: path, FS: config.FS, MaxBytes: config.MaxBytes, Interval: config.Interval,
							Compression: config.Compression, Mode: config.Mode,
						}
					},
					Received: func(func([]json.RawMessage) bool) []json.RawMessage {
						lines, _ := content(t, disk, path)
						var data []json.RawMessage
						for _, line := range lines {
							data = append(data, json.RawMessage(line))
						}
						return data
					},
				}
			})
		})
	}
}
