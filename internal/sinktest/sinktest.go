// Package sinktest has what the tests of several sinks need.
package sinktest

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// Records returns n records of one tenant with a time. Their ids count from first.
func Records(first, n int, at time.Time) []core.Record {
	var all []core.Record
	for i := first; i < first+n; i++ {
		all = append(all, core.Record{
			Stream: "alerts", Environment: "charlie", Tenant: "145831", ID: strconv.Itoa(i),
			Time: at, Data: json.RawMessage(fmt.Sprintf(`{"id":%d}`, i)),
		})
	}
	return all
}

// Deliver opens a sink, and delivers and syncs records.
func Deliver(ctx context.Context, s ports.Sink, all []core.Record) error {
	if err := s.Open(ctx, ""); err != nil {
		return err
	}
	if err := s.Deliver(ctx, all); err != nil {
		return err
	}
	_, err := s.Sync(ctx)
	return err
}
