package subprocess_test

import (
	"slices"
	"testing"

	"github.com/taegis-go/taegis/internal/subprocess"
)

func TestGranted(t *testing.T) {
	env := subprocess.Granted([]string{"B", "UNSET", "A", "B"}, func(name string) (string, bool) { return "=" + name, name != "UNSET" })
	if want := []string{"B==B", "A==A", "B==B"}; !slices.Equal(env, want) {
		t.Errorf("%q, want %q", env, want)
	}
	if env := subprocess.Granted(nil, nil); env == nil || len(env) > 0 {
		t.Errorf("nothing granted gives %#v", env)
	}
}

func TestIdentifying(t *testing.T) {
	env := []string{"VAULT_TOKEN=t", "Path=C:\\", "PATH=/bin", "LC_ALL=C", "https_proxy=http://p", "HOME=/home/ann", "ACME_BADGE=1", "ACME_PATH=/x", "LC_=", "ACME_BADGE=1", "XDG_RUNTIME_DIR=/run/user/1"}
	if got, want := subprocess.Identifying(env), []string{"ACME_BADGE=1", "ACME_PATH=/x", "HOME=/home/ann", "LC_=", "VAULT_TOKEN=t"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
