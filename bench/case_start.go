package main

import "github.com/taegis-go/taegis/bench/baseline"

// start measures processes with a cached token that load one page of alerts, from start to exit.
func start(b *bench) error {
	env := []string{"TAEGIS_CONFIG_FILE=" + b.tokenFile(), "TAEGIS_API_URL=" + b.page(10)}
	library, err := b.process("library", "programs/library", env)
	if err != nil {
		return err
	}
	command, err := b.process("command line", "../cmd/taegis", env,
		"call", "alerts", "alertsServiceSearch", "--select", baseline.Selection,
		"--arg", `in:={"cql_query":"`+baseline.CQL+`","offset":0,"limit":10}`)
	if err != nil {
		return err
	}
	least, err := b.process("baseline", "programs/baseline", env)
	if err != nil {
		return err
	}
	n := b.scale(60, 8)
	for _, side := range []struct {
		candidate
		time, memory float64
	}{{library, 1.3, 1.3}, {command, 1.6, 2.2}} {
		r, err := rounds(n, side.candidate, least)
		if err != nil {
			return err
		}
		b.add(
			atMost(side.time, "the baseline's time").row("process with a cached token to its first page, "+side.name, r, seconds, duration),
			atMost(side.memory, "the baseline's peak").row("its memory, "+side.name, r, memory, megabytes),
		)
	}
	return nil
}
