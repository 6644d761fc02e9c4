package cli_test

import (
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// uploads checks what the host of signed URLs has stored, and that no token came there: uploads
// COUNT, or uploads COUNT FILE if the contents together are those of a file.
func uploads(ts *testscript.TestScript, _ bool, args []string) {
	server := serverOf(ts)
	var stored int
	var all strings.Builder
	for _, u := range server.Uploads() {
		if u.Stored > 1 {
			ts.Fatalf("%s was stored %d times", u.Name, u.Stored)
		}
		stored += u.Stored
		all.Write(u.Content)
	}
	if fmt.Sprint(stored) != args[0] {
		ts.Fatalf("%d files were stored, want %s", stored, args[0])
	}
	if len(args) > 1 && all.String() != ts.ReadFile(args[1]) {
		ts.Fatalf("the contents are not those of %s", args[1])
	}
	if violations := server.Violations(); len(violations) > 0 {
		ts.Fatalf("violations: %q", violations)
	}
}
