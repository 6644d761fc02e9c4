package servers_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain lets no case leave a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
