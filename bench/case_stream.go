package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/bench/baseline"
	"github.com/taegis-go/taegis/bench/server"
	"github.com/taegis-go/taegis/services/alerts"
	"github.com/taegis-go/taegis/services/events"
)

// The sizes of what is streamed: the services' own defaults.
const eventsPerMessage, alertsPerPage = 1000, 100

// streams measures results of many responses. Each runs in a separate process, because its memory
// shows whether it keeps data.
func streams(b *bench) error {
	for _, s := range []struct {
		name, title, x string
		full, quick    []int
		read           map[string]reader
		url            func(n int) string
	}{
		{
			"subscription", "Events by subscription", "events",
			[]int{10_000, 100_000, 1_000_000},
			[]int{1000, 10_000, 100_000},
			subscribers, func(n int) string {
				return fmt.Sprintf("%s/events/%d/%d", b.server, n/eventsPerMessage, eventsPerMessage)
			},
		},
		{
			"messages", "Events by subscription, one a message", "events",
			[]int{1000, 10_000, 100_000},
			[]int{100, 1000, 10_000},
			subscribers, func(n int) string { return fmt.Sprintf("%s/events/%d/1", b.server, n) },
		},
		{
			"paging", "Alerts by paging", "alerts",
			[]int{1000, 10_000, 100_000},
			[]int{100, 1000, 10_000},
			pagers, func(int) string { return b.page(alertsPerPage) },
		},
	} {
		loads := s.full
		if b.quick {
			loads = s.quick
		}
		load := scaling{name: s.name, title: s.title, x: s.x, loads: loads, rounds: b.scale(4, 1)}
		var failed error
		all, err := b.scaled(load, func(n int) []candidate {
			var sides []candidate
			for _, side := range []string{"taegis", "baseline"} {
				c, err := b.reading(side, s.name, s.url(n), n)
				failed = errors.Join(failed, err)
				sides = append(sides, c)
			}
			return sides
		})
		if err = errors.Join(err, failed); err != nil {
			return err
		}
		n := loads[2]
		b.add(
			atLeast(0.8, "the baseline's rate").row(fmt.Sprintf("%s, %d", s.title, n), all[2], seconds, duration),
			steady(fmt.Sprintf("its memory, %d and %d", loads[1], n), all[1], all[2]),
		)
	}
	return nil
}

// variance is the ratio by which the peaks of constant memory differ, because the collector runs
// concurrently with the program and is late at times.
const variance = 1.5

// steady returns a row that requires memory not to grow with the load.
func steady(title string, less, more results) row {
	a, z := less.of(0, memory), more.of(0, memory)
	return row{
		title: title, reach: fmt.Sprintf("at most %v times for 10 times the load", variance), met: z <= variance*a,
		reached: fmt.Sprintf("%s times (%s to %s)", digits(z/a), megabytes(a), megabytes(z)),
		peers:   "baseline " + megabytes(more.of(1, memory)),
	}
}

// reader reads n events or alerts.
type reader func(b *bench, url string, n int) error

var subscribers = map[string]reader{"taegis": subscribed, "baseline": subscribedBare}

var pagers = map[string]reader{"taegis": paged, "baseline": pagedBare}

// reading returns a candidate that runs one side as a process.
func (b *bench) reading(side, what, url string, n int) (candidate, error) {
	self, err := os.Executable()
	if err != nil {
		return candidate{}, err
	}
	env := []string{roleVariable + "=reader"}
	return b.launched(side, env, self, side, what, url, strconv.Itoa(n), b.dir)
}

// read is the role of a reading process.
func read() error {
	args := os.Args[1:]
	n, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	readers := subscribers
	if args[1] == "paging" {
		readers = pagers
	}
	b := &bench{ctx: context.Background(), dir: args[4], token: server.Token()}
	return readers[args[0]](b, args[2], n)
}

func subscribed(b *bench, url string, n int) error {
	client, err := b.client(url)
	if err != nil {
		return err
	}
	defer client.Close()
	seen := 0
	for message, err := range events.New(client).EventQuerySubscription(b.ctx, events.EventQuerySubscriptionArgs{Query: baseline.CQL}) {
		if err != nil {
			return err
		}
		seen += len(message.Result.Rows)
	}
	return complete(seen, n)
}

func paged(b *bench, url string, n int) error {
	client, err := b.client(url)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx := taegis.ContextWithSelection(b.ctx, baseline.Selection)
	seen := 0
	for seen < n {
		page, err := alerts.New(client).AlertsServiceSearch(ctx, search(seen, alertsPerPage))
		if err != nil {
			return err
		}
		seen += len(page.Alerts.List)
	}
	return complete(seen, n)
}

func pagedBare(b *bench, url string, n int) error {
	client := b.baseline(url)
	seen := 0
	for seen < n {
		page, err := client.Search(b.ctx, seen, alertsPerPage)
		if err != nil {
			return err
		}
		seen += len(page.Alerts.List)
	}
	return complete(seen, n)
}

func complete(seen, n int) error {
	if seen != n {
		return fmt.Errorf("%d of %d arrived", seen, n)
	}
	return nil
}
