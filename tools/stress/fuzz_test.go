package main

import "testing"

func TestCounted(t *testing.T) {
	const (
		seeds = "fuzz: elapsed: 0s, gathering baseline coverage: 0/885 completed\n"
		some  = "fuzz: elapsed: 3s, execs: 987 (329/sec), new interesting: 2 (total: 887)\n"
		last  = "fuzz: elapsed: 5s, execs: 1234567 (0/sec), new interesting: 13 (total: 898)\nPASS\n"
	)
	got, err := effort{least: 1_000}.counted([]byte(seeds + some + last))
	if want := "1,234,567 executions, 13 of them took new ways: nothing"; got != want || err != nil {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	got, err = effort{least: 1_000}.counted([]byte(seeds + some))
	if want := "987 executions, 2 of them took new ways: nothing"; got != want || err == nil {
		t.Errorf("got %q, %v; want %q and an error: the fuzzer ran too briefly", got, err, want)
	}
	if got, err := (effort{}).counted([]byte(seeds + "PASS\n")); got != "0 executions" || err == nil {
		t.Errorf("nothing was executed, and %q, %v was counted", got, err)
	}
}
