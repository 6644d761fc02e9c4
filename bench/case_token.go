package main

import (
	"errors"
	"fmt"
	"time"
)

// tokens takes a token n times.
type tokens func(n int) error

// token measures getting a token from memory, compared with reading the clock, which is necessary to
// check the token's expiry.
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
	candidates := []candidate{taking("taegis", n, ours), taking("time.Now", n, clock)}
	for _, peer := range []struct {
		name string
		make func(token string) (tokens, error)
	}{{"x/oauth2", oauth2Tokens}, {"AWS", awsTokens}, {"Google", googleTokens}, {"azidentity", azureTokens}} {
		take, err := peer.make(b.token)
		if err != nil {
			return err
		}
		candidates = append(candidates, taking(peer.name, n, take))
	}
	r, err := rounds(b.scale(9, 3), candidates...)
	if err != nil {
		return err
	}
	b.add(
		atMost(1.3, "time.Now()").row("token from memory", r, seconds, per(n)),
		none("its allocations", r.of(0, allocations)/float64(n)),
		beforePeers(r, per(n)),
	)

	together := func(callers int) candidate {
		return turn(fmt.Sprint(callers), atOnce(callers, 1, func() error { return ours(n / callers) }))
	}
	if r, err = rounds(b.scale(9, 3), together(16), together(1)); err != nil {
		return err
	}
	// The callers share the work, so it takes less time with more cores.
	b.add(atMost(1.05, "what one caller takes").row("as many tokens, 16 callers", r, seconds, per(n)))
	return nil
}

// taking returns a candidate that gets n tokens.
func taking(name string, n int, take tokens) candidate {
	return turn(name, func() error { return take(n) })
}

// none returns a row that requires zero; a few in a million are caused by the measurement.
func none(title string, each float64) row {
	return row{title: title, reach: "none", reached: fmt.Sprintf("%.3f", each), met: each < 0.001}
}

// beforePeers returns a row that requires less time than the fastest peer. Peers follow the baseline.
func beforePeers(r results, unit func(float64) string) row {
	best := 2
	for i := range r.names[2:] {
		if r.of(i+2, seconds) < r.of(best, seconds) {
			best = i + 2
		}
	}
	ratio := r.ratio(0, best, seconds)
	return row{
		title: "its time compared with the fastest peer", reach: "less", met: ratio < 1,
		reached: fmt.Sprintf("%s (%s to %s of %s)", digits(ratio), unit(r.of(0, seconds)), unit(r.of(best, seconds)), r.names[best]),
	}
}
