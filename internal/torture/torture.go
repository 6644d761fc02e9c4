// Package torture is the frame of the reliability cases, which are tests in the folders below it. Each
// reports one figure, of which docs/reliability.md is made.
package torture

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"
)

// Topic groups the cases.
type Topic string

// The topics, in the order of the table.
const (
	Crash     Topic = "crash"
	Processes Topic = "processes"
	Callers   Topic = "callers"
	Servers   Topic = "servers"
	Input     Topic = "input"
	Leaks     Topic = "leaks"
	Supply    Topic = "supply"
	Week      Topic = "week"
)

// Scale chooses by the variable TAEGIS_TORTURE how much a case does: quick where it is not set, as
// part of all tests, else for "minutes" or for an "hour".
func Scale[T any](quick, minutes, hour T) T {
	switch os.Getenv("TAEGIS_TORTURE") {
	case "minutes":
		return minutes
	case "hour":
		return hour
	}
	return quick
}

// Report logs the figure of a case, once, also where the test fails. Where TAEGIS_TORTURE_FIGURES
// names a file, it is appended there as a line of JSON.
func Report(t testing.TB, topic Topic, name, promise, figure string, args ...any) {
	t.Helper()
	figure = fmt.Sprintf(figure, args...)
	t.Logf("%s: %s: promised %s, counted %s", topic, name, promise, figure)
	path := os.Getenv("TAEGIS_TORTURE_FIGURES")
	if path == "" {
		return
	}
	line, err := json.Marshal(map[string]string{"topic": string(topic), "name": name, "promise": promise, "figure": figure})
	if err == nil {
		err = appendLine(path, line)
	}
	if err != nil {
		t.Errorf("the figure was not kept: %v", err)
	}
}

func appendLine(path string, line []byte) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := file.Write(append(line, '\n')); err != nil {
		_ = file.Close()
		return err
	}
	return file.Close()
}
