package shell_test

import (
	"os/exec"
	"testing"

	"github.com/taegis-go/taegis/internal/shell"
	"github.com/taegis-go/taegis/internal/testkit"
)

func TestAShellReadsTheWordBack(t *testing.T) {
	sh := testkit.Program(t, "sh")
	for _, text := range []string{"", "plain", "/a/b-c_d.e", "two words", "it's", `"$HOME" \ *`, "a;b", "~", "a\nb", "é"} {
		out, err := exec.CommandContext(t.Context(), sh, "-c", "printf %s "+shell.Word(text)).CombinedOutput()
		if err != nil || string(out) != text {
			t.Errorf("%q came back as %q, %v", text, out, err)
		}
	}
	if got := shell.Word("/home/ann/config"); got != "/home/ann/config" {
		t.Errorf("a plain path became %s", got)
	}
}
