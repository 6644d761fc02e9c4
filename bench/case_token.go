package main

import (
	"errors"
	"fmt"
	"time"
)

// tokens takes a token n times.
type tokens func(n int) error

// token measures taking a token that is in memory, beside a look at the clock, which tells whether
// it is still good.
func token(b *bench) error {
	client, err := b.client(b.page(0))
	if err != nil {
		return err
	}
	defer client.Close()
	ours := func(n int) error {
		for range n {
			if _, err := client.Token(b.ctx); err != nil {
				return err
			}
		}
		return nil
	}
	clock := func(n int) error {
		for range n {
			if now := time.Now(); now.IsZero() {
				return errors.New("no time")
			}
		}
		return nil
	}
	n := b.scale(1_000_000, 100_000)
	contenders := []contender{taking("taegis", n, ours), taking("time.Now", n, clock)}
	for _, peer := range []struct {
		name string
		make func(token string) (tokens, error)
	}{{"x/oauth2", oauth2Tokens}, {"AWS", awsTokens}, {"Google", googleTokens}, {"azidentity", azureTokens}} {
		take, err := peer.make(b.token)
		if err != nil {
			return err
		}
		contenders = append(contenders, taking(peer.name, n, take))
	}
	r, err := rounds(b.scale(9, 3), contenders...)
	if err != nil {
		return err
	}
	b.add(
		atMost(1.3, "time.Now()").row("token from memory", r, seconds, per(n)),
		none("its allocations", r.of(0, allocations)/float64(n)),
		beforePeers(r, per(n)),
	)

	together := func(callers int) contender {
		return turn(fmt.Sprint(callers), atOnce(callers, 1, func() error { return ours(n / callers) }))
	}
	if r, err = rounds(b.scale(9, 3), together(16), together(1)); err != nil {
		return err
	}
	// The callers share what one has to do, so with more cores it takes less.
	b.add(atMost(1.05, "what one caller takes").row("as many tokens, 16 callers", r, seconds, per(n)))
	return nil
}

// taking makes a contender of n tokens.
func taking(name string, n int, take tokens) contender {
	return turn(name, func() error { return take(n) })
}

// none is a row about what must not be; a few of a million are the measurement's own.
func none(title string, each float64) row {
	return row{title: title, reach: "none", reached: fmt.Sprintf("%.3f", each), met: each < 0.001}
}

// beforePeers is a row about the fastest of the peers, which come behind the floor.
func beforePeers(r results, unit func(float64) string) row {
	best := 2
	for i := range r.names[2:] {
		if r.of(i+2, seconds) < r.of(best, seconds) {
			best = i + 2
		}
	}
	ratio := r.ratio(0, best, seconds)
	return row{
		title: "its time beside the best of the peers", reach: "less", met: ratio < 1,
		reached: fmt.Sprintf("%s (%s to %s of %s)", digits(ratio), unit(r.of(0, seconds)), unit(r.of(best, seconds)), r.names[best]),
	}
}
