package export_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/export"
)

// TestJob asks an export that follows for the records of an earlier time.
func TestJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, sink, path := &auditServer{}, &memorySink{}, t.TempDir()
		server.insert("earlier", time.Now().Add(-5*time.Hour))
		server.insert("later", time.Now().Add(time.Second))
		dir := openDir(t, path)
		defer dir.Close()
		if busy, err := export.IsBusy(path); !busy || err != nil {
			t.Errorf("busy %v, %v", busy, err)
		}
		stop := follow(t, server, export.Config{Sink: sink, Store: dir})
		time.Sleep(10 * time.Minute)
		if keys := sink.keys(); len(keys) != 1 || keys["1/later"] != 1 {
			t.Errorf("%v before the job", keys)
		}
		jobs := []export.Job{
			{Stream: "audits", From: time.Now().Add(-10 * time.Hour), To: time.Now()},
			{Stream: "another", From: time.Now().Add(-10 * time.Hour), To: time.Now()},
		}
		for _, job := range jobs {
			if err := export.Request(path, job); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if keys := sink.keys(); len(keys) != 2 || keys["1/earlier"] != 1 || keys["1/later"] != 1 {
			t.Errorf("%v after the job", keys)
		}
		_ = stop()
		entries, err := os.ReadDir(filepath.Join(path, "jobs"))
		if err != nil || len(entries) != 1 { // that of a stream that this export does not have
			t.Errorf("jobs %v, %v", entries, err)
		}
	})
}
