// Package testkit holds what the tests of several packages share.
package testkit

import (
	"os"
	"os/exec"
	"testing"
)

// Program returns the path of a program that a test needs. Where it is absent the test is
// skipped with the program's name, and fails if TAEGIS_TEST_REQUIRE=all is set, as CI does.
func Program(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("TAEGIS_TEST_REQUIRE") == "all" {
		t.Fatalf("the program %s is required and not installed", name)
	}
	t.Skipf("needs the program %s", name)
	return ""
}
