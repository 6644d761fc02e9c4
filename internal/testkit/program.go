// Package testkit holds what the tests of several packages share.
package testkit

import (
	"os"
	"os/exec"
	"testing"
)

// Program returns the path of a program that a test needs; see [Missing] for where it is absent.
func Program(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Missing(t, "the program "+name)
	}
	return path
}

// Missing skips a test that lacks something of the machine, and says what. The test fails if
// TAEGIS_TEST_REQUIRE=all is set, as CI does.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("TAEGIS_TEST_REQUIRE") == "all" {
		t.Fatalf("%s is required and missing", what)
	}
	t.Skipf("needs %s", what)
}
