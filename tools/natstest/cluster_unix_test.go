//go:build unix

package natstest

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	sink "github.com/taegis-go/taegis/adapters/sink/nats"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/sinktest"
)

// startCluster starts a cluster of three servers, each in another process.
func startCluster(t *testing.T) (servers []*process, url string) {
	t.Helper()
	servers = make([]*process, 3)
	var urls, routes []string
	for i := range servers {
		servers[i] = &process{T: t, folder: t.TempDir(), port: freePort(t), route: freePort(t)}
		urls = append(urls, "nats://127.0.0.1:"+servers[i].port)
		routes = append(routes, "nats://127.0.0.1:"+servers[i].route)
	}
	for _, p := range servers {
		p.routes = strings.Join(routes, ",")
		p.start()
		t.Cleanup(p.kill)
	}
	return servers, strings.Join(urls, ",")
}

// A cluster of three servers, of which one at a time is killed, loses no record.
func TestAClusterLosesNothing(t *testing.T) {
	const batches, batch = 12, 100
	servers, urls := startCluster(t)
	stream := clusterStream(t, urls)
	out := &sink.Sink{URL: urls, Timeout: 10 * time.Second}
	t.Cleanup(func() { out.Close() })
	if err := out.Open(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(3, 4))
	kills, repeats := 0, 0
	for i := range batches {
		victim := servers[random.IntN(len(servers))]
		all := records(i*batch, batch)
		if i%3 == 1 {
			victim.kill()
		}
		err := publish(t.Context(), out, all)
		for deadline := time.Now().Add(time.Minute); err != nil; repeats++ {
			if fault, ok := errors.AsType[*core.SinkError](err); !ok || fault.Permanent || time.Now().After(deadline) {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Millisecond) // until there is a leader again
			err = sinktest.Deliver(t.Context(), out, all)
		}
		victim.restart(&kills)
	}
	got := map[string]int{}
	for _, d := range data(t, stream) {
		got[string(d)]++
	}
	lost := 0
	for _, r := range records(0, batches*batch) {
		if got[string(r.Data)] == 0 {
			lost++
		}
	}
	t.Logf("%d kills, %d repeats, %d records, %d lost", kills, repeats, batches*batch, lost)
	if lost > 0 || kills < batches/3 {
		t.Errorf("%d lost after %d kills", lost, kills)
	}
}

// clusterStream creates a stream with three replicas, as soon as the cluster has a leader.
func clusterStream(t *testing.T, urls string) jetstream.Stream {
	t.Helper()
	conn, err := nats.Connect(urls, nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	config := jetstream.StreamConfig{Name: streamName, Subjects: []string{"taegis.>"}, Duplicates: time.Hour, Replicas: 3}
	for deadline := time.Now().Add(time.Minute); ; {
		stream, err := js.CreateStream(t.Context(), config)
		if err == nil {
			return stream
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}
