package cli_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/internal/testutil"
)

// TestPythonPluginIsInstalled follows the README of the sample in Python: one file is built, installed
// and checked.
func TestPythonPluginIsInstalled(t *testing.T) {
	const modules = "import grpc, google.protobuf, cryptography"
	python := "/usr/bin/python3"
	if exec.Command(python, "-c", modules).Run() != nil {
		testutil.Missing(t, python+" with the modules of: "+modules)
	}
	protoc, dir := testutil.Program(t, "protoc"), t.TempDir()
	build, program := filepath.Join(dir, "build"), filepath.Join(dir, "taegis-plugin-badge")
	for _, command := range [][]string{
		{"mkdir", build},
		{"cp", "../../examples/pythonplugin/badge.py", filepath.Join(build, "__main__.py")},
		{protoc, "-I", "../../plugins/contract/v2", "-I", "../../plugins/contract", "--python_out=" + build, "authenticator.proto", "goplugin.proto"},
		{python, "-m", "zipapp", build, "-p", python, "-o", program},
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%q: %v\n%s", command, err, out)
		}
	}
	taegis := func(args ...string) string {
		t.Helper()
		cmd := exec.Command(testutil.Program(t, "taegis"), args...)
		cmd.Env = []string{"HOME=" + dir, "TAEGIS_PROFILES_FILE=" + filepath.Join(dir, "config.toml")}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("taegis %q: %v", args, err)
		}
		return string(out)
	}
	said := taegis("plugin", "install", program, "--set", "broker_url=https://badges.acme.example/token", "--var", "ACME_BADGE")
	if !strings.Contains(said, "Installed badge") || !strings.Contains(said, "requires the variable ACME_BADGE: granted") {
		t.Errorf("install says:\n%s", said)
	}
	if said := taegis("plugin", "verify"); !strings.Contains(said, "badge: ok") {
		t.Errorf("verify says:\n%s", said)
	}
	if said := taegis("plugin", "list", "--json"); !strings.Contains(said, `"version": "1.0.0"`) || !strings.Contains(said, `"vendor": "ACME"`) {
		t.Errorf("list says:\n%s", said)
	}
}
