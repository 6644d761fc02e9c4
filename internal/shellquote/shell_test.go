package shellquote_test

import (
	"os/exec"
	"testing"

	"github.com/taegis-go/taegis/internal/shellquote"
	"github.com/taegis-go/taegis/internal/testutil"
)

// A word is what it was for the shell, and nothing of it moves the cursor of a terminal.
func TestAShellReadsTheWordBack(t *testing.T) {
	sh := testutil.Program(t, "sh")
	for _, text := range []string{
		"", "plain", "/a/b-c_d.e", "two words", "it's", `"$HOME" \ *`, "a;b", "~", "a\nb", "é",
		"\x1b[2J it's 100% `x` $HOME \"!\" \\n é", "a\u009bb\u202e", "\n\nx\t\r", "ends\n\n", "\x1bends\n\n", "\xff\x9b", "\U000e0041",
	} {
		out, err := exec.CommandContext(t.Context(), sh, "-c", "printf %s "+shellquote.Word(text)).CombinedOutput()
		if err != nil || string(out) != text {
			t.Errorf("%q came back as %q, %v", text, out, err)
		}
	}
	for _, text := range []string{"\x1b]8;;x\x1b\\", "a\nCLIENT_ID=b", "\u009b", "\u202e", "\x9b", "a\rb\tc"} {
		for _, r := range shellquote.Word(text) {
			if r < ' ' || r > '~' {
				t.Errorf("%q stands in the word for %q", r, text)
			}
		}
	}
	if got := shellquote.Word("/home/ann/config"); got != "/home/ann/config" {
		t.Errorf("a plain path became %s", got)
	}
}
