package testutil

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

// SeedVariable is the environment variable with the seed for repeating a random test.
const SeedVariable = "TAEGIS_TEST_SEED"

// Seed returns and logs the seed of a test: that of an environment variable, for example
// [SeedVariable], or a new one if the variable is not set.
func Seed(t testing.TB, variable string) uint64 {
	t.Helper()
	seed := rand.Uint64() //nolint:gosec // it is chance that is wanted, and nothing is kept secret
	if text := os.Getenv(variable); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%s=%d", variable, seed)
	return seed
}
