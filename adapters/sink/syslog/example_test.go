package syslog_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"

	"github.com/taegis-go/taegis/adapters/sink/syslog"
	"github.com/taegis-go/taegis/core"
)

func ExampleSink() {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // stands for a receiver
	if err != nil {
		fmt.Println(err)
		return
	}
	received := make(chan string, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			close(received)
			return
		}
		text, _ := io.ReadAll(conn)
		conn.Close()
		received <- string(text)
	}()
	ctx := context.Background()
	s := &syslog.Sink{
		Address:  listener.Addr().String(), // for example logs.example:6514
		PlainTCP: true,
		Facility: "local0",
		Hostname: "exporter",
		Confirm:  true,
	}
	defer s.Close()
	record := core.Record{Stream: "alerts", Tenant: "145831", ID: "1", Data: json.RawMessage(`{"id":1}`)}
	err = s.Open(ctx, "") // or the position that was stored
	if err == nil {
		err = s.Deliver(ctx, []core.Record{record})
	}
	if err == nil {
		_, err = s.Sync(ctx)
	}
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(<-received)
	// Output:
	// 44 <134>1 - exporter taegis - alerts - {"id":1}
}
