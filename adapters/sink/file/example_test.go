package file_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/taegis-go/taegis/adapters/sink/file"
	"github.com/taegis-go/taegis/core"
)

func ExampleSink() {
	folder, err := os.MkdirTemp("", "export")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	ctx := context.Background()
	s := &file.Sink{
		Path:        filepath.Join(folder, "alerts.jsonl"),
		MaxBytes:    100 << 20,
		Interval:    24 * time.Hour,
		Compression: file.Zstd,
	}
	defer s.Close()
	record := core.Record{Stream: "alerts", Tenant: "145831", ID: "1", Data: json.RawMessage(`{"id":1}`)}
	err = s.Open(ctx, "") // or the position that was stored
	if err == nil {
		err = s.Deliver(ctx, []core.Record{record})
	}
	position := ""
	if err == nil {
		position, err = s.Sync(ctx) // the position to store
	}
	if err != nil {
		fmt.Println(err)
	}
	text, _ := os.ReadFile(s.Path)
	fmt.Print(string(text))
	fmt.Println(position != "")
	// Output:
	// {"id":1}
	// true
}
