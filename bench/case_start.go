package main

import "github.com/taegis-go/taegis/bench/floor"

// start measures programs from their start with a cached token to their end, with the first page
// of alerts in between.
func start(b *bench) error {
	env := []string{"TAEGIS_CONFIG_FILE=" + b.tokenFile(), "TAEGIS_API_URL=" + b.page(10)}
	library, err := b.process("library", "programs/library", env)
	if err != nil {
		return err
	}
	command, err := b.process("command line", "../cmd/taegis", env,
		"call", "alerts", "alertsServiceSearch", "--select", floor.Selection,
		"--arg", `in:={"cql_query":"`+floor.CQL+`","offset":0,"limit":10}`)
	if err != nil {
		return err
	}
	least, err := b.process("floor", "programs/floor", env)
	if err != nil {
		return err
	}
	n := b.scale(60, 8)
	for _, side := range []struct {
		contender
		time, memory float64
	}{{library, 1.3, 1.3}, {command, 2, 2.5}} {
		r, err := rounds(n, side.contender, least)
		if err != nil {
			return err
		}
		b.add(
			atMost(side.time, "the floor's time").row("process with a cached token to its first page, "+side.name, r, seconds, duration),
			atMost(side.memory, "the floor's peak").row("its memory, "+side.name, r, memory, megabytes),
		)
	}
	return nil
}
