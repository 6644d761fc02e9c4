package main

import (
	"os"
	"os/exec"
	"regexp"
	"testing"

	"github.com/taegis-go/taegis/internal/testutil"
)

var output = regexp.MustCompile(`^Taegis is emulated at http://127\.0\.0\.1:\d+
logged in with CLIENT_ID and CLIENT_SECRET: the token expires in 1h0m0s
a second client found the cached token: 0 requests
the API created the OAuth client my_awesome_app with the ID \S+
$`)

// TestProgram runs the built program with settings that would make it fail if it read them.
func TestProgram(t *testing.T) {
	home, temporary := t.TempDir(), t.TempDir()
	cmd := exec.Command(testutil.Build(t))
	cmd.Env = append(os.Environ(),
		"HOME="+home, "USERPROFILE="+home, "XDG_CACHE_HOME="+home, "LocalAppData="+home,
		"TMPDIR="+temporary, "TMP="+temporary, "TEMP="+temporary,
		"TAEGIS_API_URL=http://127.0.0.1:1", "TAEGIS_ENVIRONMENT=nowhere", "TAEGIS_ACCESS_TOKEN=rubbish",
		"CLIENT_ID=absent", "CLIENT_SECRET=wrong",
		"HTTP_PROXY=http://127.0.0.1:1", "http_proxy=http://127.0.0.1:1",
	)
	out, err := cmd.CombinedOutput()
	if err != nil || !output.Match(out) {
		t.Errorf("error %v, output:\n%s", err, out)
	}
	for _, folder := range []string{home, temporary} {
		if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, error %v", left, err)
		}
	}
}
