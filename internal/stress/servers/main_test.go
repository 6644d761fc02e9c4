package servers_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain lets no case leave a goroutine behind, and lets the test binary be the subject of a
// hostile server, so that one that breaks does so alone.
func TestMain(m *testing.M) {
	if told := os.Getenv(subjectVariable); told != "" {
		expose(told)
		return
	}
	goleak.VerifyTestMain(m)
}
