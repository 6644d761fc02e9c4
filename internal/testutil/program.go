// Package testutil holds what the tests of several packages share.
package testutil

import (
	"os"
	"os/exec"
	"path/filepath"
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

// Build builds the main package of the test's folder, and returns the program's path. It ends with
// the test.
func Build(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program.exe") // Windows insists on the end
	cmd := exec.Command("go", "build", "-o", path, ".")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}
