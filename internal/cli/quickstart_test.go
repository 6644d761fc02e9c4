package cli_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/internal/testutil"
)

func TestQuickstartOfTheSuccessor(t *testing.T) {
	t.Setenv("SOPHOS_CLIENT_ID", "not-there")
	t.Setenv("SOPHOS_CLIENT_SECRET", "wrong")
	run := invoke(t, "", "quickstart", "--environment", "fusion")
	if run.code != 0 || !strings.Contains(run.stderr, "taegis auth login --environment fusion") {
		t.Fatalf("exit code %d, stderr %s", run.code, run.stderr)
	}
	lines := strings.Split(strings.TrimSuffix(run.out, "\n"), "\n")
	for i, what := range []string{
		"fusion runs at http://127.0.0.1:", "OAuth: logged in with SOPHOS_CLIENT_ID", "cached token", "of the tenant ",
		"a call for that tenant returned ", "a partner's client listed 1 tenant and", "single sign-on and passwords", "cleared",
	} {
		if i >= len(lines) || !strings.Contains(lines[i], what) {
			t.Fatalf("line %d is no step about %q:\n%s", i+1, what, run.out)
		}
	}
	if strings.Contains(run.out, " 0 types of cases") {
		t.Errorf("a tenant without types of cases:\n%s", run.out)
	}
}

func TestQuickstartTouchesNothing(t *testing.T) {
	home, temporary := t.TempDir(), t.TempDir()
	for name, value := range map[string]string{
		"HOME": home, "USERPROFILE": home, "TMPDIR": temporary, "TMP": temporary, "TEMP": temporary,
		"TAEGIS_API_URL": "http://127.0.0.1:1", "TAEGIS_ENVIRONMENT": "nowhere", "TAEGIS_TENANT_ID": "1",
		"TAEGIS_CONFIG_FILE": filepath.Join(home, "config"), "TAEGIS_CA_BUNDLE": filepath.Join(home, "ca"),
		"TAEGIS_ACCESS_TOKEN": "rubbish", "TAEGIS_NO_INPUT": "1", "CLIENT_ID": "not-there", "CLIENT_SECRET": "wrong",
		"HTTP_PROXY": "http://127.0.0.1:1", "http_proxy": "http://127.0.0.1:1", "BROWSER": "false",
	} {
		t.Setenv(name, value)
	}
	// Expired adaptations are removed by any client that reads the cache.
	adaptation := filepath.Join(home, "cache", "taegis", "drift", "old")
	t.Setenv("XDG_CACHE_HOME", filepath.Join(home, "cache"))
	t.Setenv("LocalAppData", filepath.Join(home, "cache"))
	old := time.Now().AddDate(-1, 0, 0)
	if err := errors.Join(os.MkdirAll(filepath.Dir(adaptation), 0o700), os.WriteFile(adaptation, nil, 0o600), os.Chtimes(adaptation, old, old)); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	run := invoke(t, "", "quickstart")
	took := time.Since(start)

	if run.code != 0 || !strings.Contains(run.stderr, "taegis auth login") {
		t.Fatalf("exit code %d, stderr %s", run.code, run.stderr)
	}
	step := regexp.MustCompile(`^ *[0-9]+\.[0-9] ms  \S.*$`)
	lines := strings.Split(strings.TrimSuffix(run.out, "\n"), "\n")
	for i, what := range []string{
		"Taegis runs at http://127.0.0.1:", "OAuth", "cached token", "SSO", "password and MFA",
		"created the client my_awesome_app", "logged in as my_awesome_app", "cleared",
	} {
		if i >= len(lines) || !step.MatchString(lines[i]) || !strings.Contains(lines[i], what) {
			t.Fatalf("line %d is no step about %q:\n%s", i+1, what, run.out)
		}
	}
	if _, err := os.Stat(adaptation); err != nil {
		t.Error(err)
	}
	for folder, own := range map[string]int{home: 1, temporary: 0} {
		if left, err := os.ReadDir(folder); err != nil || len(left) > own {
			t.Errorf("left behind: %v, %v", left, err)
		}
	}
	testutil.Within(t, "taegis quickstart", took, time.Second)
}
