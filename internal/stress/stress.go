// Package stress supports the reliability cases in the packages below it: it determines the size of
// a case and records its figures. The cases are ordinary tests; `make stress` and `make
// stress-long` run them at a larger size and render the table of docs/evidence/reliability.md from
// their figures.
package stress

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/taegis-go/taegis/internal/testutil"
)

// Topic is a section of the table.
type Topic string

// The topics, in the order of the table.
const (
	Crash     Topic = "Crash at every step"
	Processes Topic = "Many processes"
	Callers   Topic = "Many callers"
	Servers   Topic = "Servers that misbehave"
	Leaks     Topic = "Nothing leaks"
	Week      Topic = "A week in an hour"
)

// The variables with which the command that renders the table configures the cases.
const (
	scaleVariable   = "TAEGIS_STRESS"
	figuresVariable = "TAEGIS_STRESS_FIGURES"
	seedVariable    = "TAEGIS_STRESS_SEED"
)

// Scale returns the size of a case: quick for ordinary test runs, minutes for `make stress`, hour
// for `make stress-long`.
func Scale[T any](quick, minutes, hour T) T {
	switch scale := os.Getenv(scaleVariable); scale {
	case "":
		return quick
	case "minutes":
		return minutes
	case "hour":
		return hour
	default:
		panic(fmt.Sprintf("%s=%s: neither minutes nor hour", scaleVariable, scale))
	}
}

// Seed returns and logs the seed of a case: that of $TAEGIS_STRESS_SEED, or a new one if the
// variable is not set.
func Seed(t testing.TB) uint64 {
	t.Helper()
	return testutil.Seed(t, seedVariable)
}

// Figure is a row of the table: a line of JSON in the file that $TAEGIS_STRESS_FIGURES names.
type Figure struct {
	Topic Topic `json:"topic"`
	// Case describes the action, Promise the expected result, Seen the counts of the run.
	Case    string `json:"case"`
	Promise string `json:"promise"`
	Seen    string `json:"seen"`
	Failed  bool   `json:"failed,omitempty"`
}

// Report logs the figure of a case, once, and writes it to the file of figures, if there is one,
// when the test ends. A case that fails later keeps its figure.
func Report(t testing.TB, topic Topic, name, promise, seen string, args ...any) {
	t.Helper()
	figure := Figure{Topic: topic, Case: name, Promise: promise, Seen: fmt.Sprintf(seen, args...)}
	t.Logf("%s: promised %s, counted %s", figure.Case, figure.Promise, figure.Seen)
	t.Cleanup(func() {
		figure.Failed = t.Failed()
		if err := figure.keep(os.Getenv(figuresVariable)); err != nil {
			t.Errorf("the figure of %q was not kept: %v", name, err)
		}
	})
}

func (f Figure) keep(path string) error {
	if path == "" {
		return nil
	}
	line, err := json.Marshal(f)
	if err != nil {
		return err
	}
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
