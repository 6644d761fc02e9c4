package servers_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain lets no case leave a goroutine behind, and lets the test binary be the victim of a hostile server, so
// that one that breaks does so alone.
func TestMain(m *testing.M) {
	if told := os.Getenv(victimVariable); told != "" {
		suffer(told)
		return
	}
	goleak.VerifyTestMain(m)
}
