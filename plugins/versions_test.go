package plugins_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins"
)

// oldContract builds the program that speaks version 1 of the contract and no other.
func oldContract(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "oldcontract.exe")
	if out, err := exec.Command("go", "build", "-o", path, "./testdata/oldcontract").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// TestVersions runs programs of version 1 of the contract against those of this package, on both
// sides. Neither is sent anything that it does not know.
func TestVersions(t *testing.T) {
	old := oldContract(t)
	t.Run("an old plugin", func(t *testing.T) {
		sum, err := plugins.Checksum(old)
		if err != nil {
			t.Fatal(err)
		}
		s := play(t, "opaque")
		s.Config = plugins.Config{Name: "old", Path: old, SHA256: []string{sum}, Username: "ann"}
		p := s.open(t)
		req := s.request()
		req.Rejected = true
		req.Prompt.AskText = func(context.Context, string) (string, error) { return "4711", nil }
		req.State = core.NewState(
			func(context.Context) (core.Secret, error) { return core.NewSecret("kept"), nil },
			func(context.Context, core.Secret) error { t.Error("an old plugin keeps a state"); return nil },
		)
		token, err := p.Authenticate(t.Context(), req)
		if err != nil || token.AccessToken.Reveal() != "old-4711" {
			t.Fatalf("%+v, %v", token, err)
		}
		account, err := p.ResolveAccount(t.Context(), req)
		if err != nil || account != token.Account {
			t.Errorf("the account is %s, that of the token %s, %v", account, token.Account, err)
		}
		d, err := p.Describe(t.Context(), req)
		if err != nil || d.Contract != 1 || d.Settings[0] != "reader" || d.Version != "" || d.Revokes {
			t.Errorf("%+v, %v", d, err)
		}
		if err := p.Revoke(t.Context(), req, token); err != nil {
			t.Errorf("an old plugin is told of a logout: %v", err)
		}
	})
	t.Run("an old host", func(t *testing.T) {
		s := play(t, "asker-of-text")
		out, err := exec.Command(old, s.Path, actVariable+"=asker-of-text", "GORACE=atexit_sleep_ms=0").CombinedOutput()
		if want := "version 1, token new-4711, failure \"\"\n"; err != nil || !strings.HasSuffix(string(out), want) || len(out) > len(want) {
			t.Errorf("%s%v, want %s", out, err, want)
		}
	})
	t.Run("both are new", func(t *testing.T) {
		s := play(t, "opaque")
		if d, err := s.open(t).Describe(t.Context(), s.request()); err != nil || d.Contract != 2 {
			t.Errorf("%+v, %v", d, err)
		}
	})
}
