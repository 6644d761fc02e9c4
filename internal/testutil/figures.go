package testutil

import (
	"testing"
	"time"
)

// Within logs the time that an action took and its goal. It fails the test only if that is ten
// times the goal and more than ten seconds: a busy machine is not a defect.
func Within(t testing.TB, what string, took, goal time.Duration) {
	t.Helper()
	t.Logf("%s: %v (goal %v)", what, took, goal)
	if limit := max(10*goal, 10*time.Second); took > limit {
		t.Errorf("%s took %v, more than %v", what, took, limit)
	}
}
