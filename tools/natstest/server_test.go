package natstest

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/sinktest"
)

const (
	streamName = "TAEGIS"
	maxPayload = 4 << 20
)

// start starts a server in this process.
func start(t *testing.T, change func(*server.Options)) *server.Server {
	t.Helper()
	options := &server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true,
		MaxPayload: maxPayload,
	}
	if change != nil {
		change(options)
	}
	s, err := server.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("the server does not start")
	}
	return s
}

// connect returns the stream of a server, which it creates.
func connect(t *testing.T, url string, change func(*jetstream.StreamConfig), options ...nats.Option) jetstream.Stream {
	t.Helper()
	conn, err := nats.Connect(url, append(options, nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	config := jetstream.StreamConfig{Name: streamName, Subjects: []string{"taegis.>"}, Duplicates: time.Hour}
	if change != nil {
		change(&config)
	}
	stream, err := js.CreateStream(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

// messages returns what a stream has.
func messages(t *testing.T, stream jetstream.Stream) []*jetstream.RawStreamMsg {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	info, err := stream.Info(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var all []*jetstream.RawStreamMsg
	for i := uint64(1); i <= info.State.LastSeq; i++ {
		m, err := stream.GetMsg(ctx, i)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

func data(t *testing.T, stream jetstream.Stream) []json.RawMessage {
	t.Helper()
	var all []json.RawMessage
	for _, m := range messages(t, stream) {
		all = append(all, m.Data)
	}
	return all
}

func records(first, n int) []core.Record { return sinktest.Records(first, n, time.Unix(1772366400, 0)) }
