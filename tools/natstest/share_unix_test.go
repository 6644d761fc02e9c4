//go:build unix

package natstest

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	lease "github.com/taegis-go/taegis/adapters/lease/nats"
)

// TestSharedExportSurvives kills exporters and servers at random while records arrive, some of them
// late. No record is lost; how many come again is logged.
func TestSharedExportSurvives(t *testing.T) {
	const tenants, kills = 12, 40
	servers, url := startCluster(t)
	clusterStream(t, url) // waits for a leader
	s := newSource(t, 0)
	r := rand.New(rand.NewPCG(1, 2))
	var exporters []*exporter
	for i := range 4 {
		e := &exporter{order: order{
			Name: fmt.Sprint("exporter-", i), NATS: url, Server: s.URL, Folder: t.TempDir(), Tenants: tenants, Replicas: 3,
			Follow: true, Lease: 2 * time.Second,
		}}
		e.start(t)
		t.Cleanup(e.kill)
		exporters = append(exporters, e)
	}
	counts := map[string]int{}
	for range kills {
		for range 50 {
			late := time.Duration(0)
			if r.IntN(10) == 0 {
				late = time.Duration(r.IntN(45)) * time.Second // within lag and overlap, and a busy machine
			}
			s.insert(r.IntN(tenants), late)
		}
		time.Sleep(time.Duration(r.IntN(700)) * time.Millisecond)
		switch n := r.IntN(6); {
		case n < 4:
			counts["exporters"]++
			exporters[n].kill()
			exporters[n].start(t)
		default:
			counts["servers"]++
			server := servers[r.IntN(3)]
			server.kill()
			time.Sleep(time.Duration(r.IntN(500)) * time.Millisecond)
			server.start()
		}
	}
	for t.Context().Err() == nil {
		lost, again, change := s.counts()
		if lost == 0 {
			t.Logf("%d records, kills of %v: 0 lost, %d came again", s.total, counts, again)
			return
		}
		select {
		case <-change:
		case <-time.After(time.Minute):
			for _, e := range exporters {
				e.kill()
				t.Logf("%s", e.said.String())
			}
			t.Fatalf("%d records are lost, %d came again, after kills of %v", lost, again, counts)
		}
	}
}

// TestFourExportersAreFaster compares four exporters with one, each with two requests at a time, against
// a source that takes 50 ms.
func TestFourExportersAreFaster(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures")
	}
	_, url := startCluster(t)
	clusterStream(t, url) // waits for a leader
	took := map[int]time.Duration{}
	for _, n := range []int{1, 4} {
		s := newSource(t, 50*time.Millisecond)
		const tenants, each = 360, 20
		for i := range tenants * each {
			s.insert(i%tenants, time.Duration(i)*5*time.Minute)
		}
		bucket := fmt.Sprint("shared", n)
		first := &lease.Store{URL: url, Bucket: bucket, Replicas: 3, Name: "first"} // makes the bucket
		if err := first.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := first.Position(t.Context()); err != nil {
			t.Fatal(err)
		}
		_ = first.Close()
		began := time.Now()
		var exporters []*exporter
		for i := range n {
			e := &exporter{order: order{
				Name: fmt.Sprint(n, "-", i), NATS: url, Server: s.URL, Folder: t.TempDir(), Tenants: tenants, Replicas: 3,
				Lease: 30 * time.Second, Bucket: bucket, Parallel: 2,
			}}
			e.start(t)
			t.Cleanup(e.kill)
			exporters = append(exporters, e)
		}
		for _, e := range exporters {
			err := <-e.ended
			e.ended <- nil
			if err != nil {
				t.Fatalf("%v: %s", err, e.said.String())
			}
		}
		took[n] = time.Since(began)
		if lost, again, _ := s.counts(); lost != 0 || again != 0 {
			t.Errorf("%d exporters: %d lost, %d came again", n, lost, again)
		}
	}
	t.Logf("one exporter takes %v, four take %v: %.1f times the rate", took[1], took[4], took[1].Seconds()/took[4].Seconds())
}
