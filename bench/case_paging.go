package main

import (
	"fmt"
	"time"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/bench/baseline"
	"github.com/taegis-go/taegis/paging"
	"github.com/taegis-go/taegis/services/alerts"
)

// Of the paging cases: all alerts, alerts in a part at full speed, and in a part that takes delay,
// which is long next to the time that its transfer and decoding take.
const (
	pagedAlerts = 100_000
	largePart   = 10_000
	smallPart   = 1000
	delay       = 100 * time.Millisecond
)

// pageAll measures a search that has many parts: against a loop by hand that reads the same parts,
// and with prefetch against the pager without it.
func pageAll(b *bench) error {
	n := b.scale(pagedAlerts, pagedAlerts/10)
	least := b.baseline(fmt.Sprintf("%s/parts/%d/%d/0", b.server, n, largePart))
	pager, done, err := b.pager(n, largePart, 0)
	if err != nil {
		return err
	}
	defer done()
	byHand := func() error {
		count := 0
		err := least.Each(b.ctx, 2*n, func(*baseline.Alert) { count++ })
		return checked(n, err, func() int { return count })
	}
	r, err := rounds(b.scale(9, 2), turn("taegis", pager(idle)), turn("loop by hand", byHand))
	if err != nil {
		return err
	}
	b.add(atLeast(1, "a hand-written loop's rate").row(fmt.Sprintf("%d alerts by pager", n), r, seconds, duration))

	slow, done, err := b.pager(n, smallPart, delay)
	if err != nil {
		return err
	}
	defer done()
	r, err = rounds(b.scale(3, 1),
		turn("prefetch", slow(work, paging.Prefetch())), turn("no prefetch", slow(work)))
	if err != nil {
		return err
	}
	title := fmt.Sprintf("%d alerts with prefetch, caller and server take %v a page", n, delay)
	b.add(atMost(0.6, "the time without").row(title, r, seconds, duration))
	return nil
}

// Callers of a pager do something with each page.
func idle() {}

func work() { time.Sleep(delay) }

// pager returns a function that makes the work of reading n alerts, and calls page after each part.
func (b *bench) pager(n, part int, delay time.Duration) (
	all func(page func(), opts ...paging.Option) func() error, done func(), err error,
) {
	client, err := b.client(fmt.Sprintf("%s/parts/%d/%d/%d", b.server, n, part, delay.Milliseconds()))
	if err != nil {
		return nil, nil, err
	}
	service, ctx := alerts.New(client), taegis.ContextWithSelection(b.ctx, baseline.PartsSelection)
	args := alerts.AlertsServiceSearchArgs{In: &alerts.SearchRequestInput{
		CQLQuery: new(baseline.CQL), Limit: new(2 * n), // more than there are, so one search has them all
	}}
	return func(page func(), opts ...paging.Option) func() error {
		return func() error {
			count := 0
			for _, err := range service.AlertsServiceSearchAll(ctx, args, opts...) {
				if err != nil {
					return err
				}
				if count++; count%part == 0 {
					page()
				}
			}
			return checked(n, nil, func() int { return count })
		}
	}, func() { client.Close() }, nil
}
