// Package testutil provides helpers for the tests of several packages.
package testutil

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Program returns the path of a program that a test needs. If it is not installed, Program calls
// [Missing].
func Program(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Missing(t, "the program "+name)
	}
	return path
}

// Missing skips a test because the machine lacks what. It fails the test if TAEGIS_TEST_REQUIRE=all
// is set, as in CI.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("TAEGIS_TEST_REQUIRE") == "all" {
		t.Fatalf("%s is required and missing", what)
	}
	t.Skipf("needs %s", what)
}

// Build builds the main package in the test's folder and returns the program's path. The program is
// deleted after the test.
func Build(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program.exe") // Windows insists on the end
	cmd := exec.Command("go", "build", "-o", path, ".")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}
