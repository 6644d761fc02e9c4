// Package stress is the frame of the reliability cases in the folders below it: how large a case
// is, and where its figure goes. The cases are tests as all others; `make stress` and
// `make stress-long` run them larger, and make the table of docs/evidence/reliability.md from what
// they report.
package stress

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/taegis-go/taegis/internal/testutil"
)

// Topic is a part of the table.
type Topic string

// The topics. The table has them in the order of the command that makes it.
const (
	Crash     Topic = "Crash at every step"
	Processes Topic = "Many processes"
	Callers   Topic = "Many callers"
	Servers   Topic = "Servers that misbehave"
	Leaks     Topic = "Nothing leaks"
	Week      Topic = "A week in an hour"
)

// The variables by which the command that makes the table speaks to the cases.
const (
	scaleVariable   = "TAEGIS_STRESS"
	figuresVariable = "TAEGIS_STRESS_FIGURES"
	seedVariable    = "TAEGIS_STRESS_SEED"
)

// Scale returns how large a case is to be: quick for the tests of every day, minutes for
// `make stress`, hour for `make stress-long`.
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

// Seed returns and logs the seed of a case, a new one each time unless $TAEGIS_STRESS_SEED has one
// that is to be repeated.
func Seed(t testing.TB) uint64 {
	t.Helper()
	return testutil.Seed(t, seedVariable)
}

// Figure is a row of the table: a line of JSON in the file that $TAEGIS_STRESS_FIGURES names.
type Figure struct {
	Topic Topic `json:"topic"`
	// Case says what is done, Promise what has to come of it, Seen what the run counted.
	Case    string `json:"case"`
	Promise string `json:"promise"`
	Seen    string `json:"seen"`
	Failed  bool   `json:"failed,omitempty"`
}

// Report logs the figure of a case, once, and keeps it in the file of figures, if there is one, when
// the test ends. A case that fails later keeps its figure.
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
