package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/plugins"
)

// canBeMachine reports whether this process can have an /etc of its own. In CI it has to.
func canBeMachine() bool {
	return os.Getenv("TAEGIS_TEST_REQUIRE") == "all" || os.Geteuid() == 0 && exec.Command("unshare", "-m", "true").Run() == nil
}

// machine makes a machine whose /etc/taegis has the files of a folder, which belong to root, with a
// user that is not root: machine FOLDER. The commands stranger and asroot run there. Variables:
// ETC is its /etc, STRANGER the home of the user, BADGE_PROGRAM and BADGE_SUM the path
// and the checksum of the plugin badge.
func machine(ts *testscript.TestScript, _ bool, args []string) {
	home := ts.Getenv("STRANGER")
	if home == "" {
		home = newHome(ts)
		ts.Setenv("STRANGER", home)
		ts.Setenv("ETC", filepath.Join(filepath.Dir(home), "etc"))
		ts.Check(exec.Command("cp", "-a", "/etc", ts.Getenv("ETC")).Run())
	}
	folder := filepath.Join(ts.Getenv("ETC"), "taegis")
	ts.Check(os.RemoveAll(folder))
	ts.Check(os.MkdirAll(folder, 0o755)) // users are to read it
	files, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	for _, file := range files {
		text := os.Expand(ts.ReadFile(filepath.Join(args[0], file.Name())), func(name string) string {
			if name == "$" {
				return name // of $$
			}
			return ts.Getenv(name)
		})
		ts.Check(os.WriteFile(filepath.Join(folder, file.Name()), []byte(text), 0o644)) // see above
	}
}

// newHome makes the home of the user, and programs that the user can start but not change.
func newHome(ts *testscript.TestScript) string {
	public, err := os.MkdirTemp("", "machine-")
	ts.Check(err)
	ts.Defer(func() { _ = os.RemoveAll(public) })
	ts.Check(os.Chmod(public, 0o755)) // the user is to enter it
	home := filepath.Join(public, "home")
	ts.Check(os.Mkdir(home, 0o700))
	ts.Check(os.Chown(home, testutil.Stranger, testutil.Stranger))
	self, err := os.Executable()
	ts.Check(err)
	for _, name := range []string{"taegis", "taegis-plugin-badge"} {
		ts.Check(exec.Command("install", "-m", "755", self, filepath.Join(public, name)).Run())
	}
	sum, err := plugins.Checksum(self)
	ts.Check(err)
	ts.Setenv("BADGE_SUM", sum)
	ts.Setenv("BADGE_PROGRAM", filepath.Join(public, "taegis-plugin-badge"))
	return home
}

// stranger runs a command of the command line on the machine, as its user: stranger [VARIABLE=VALUE …]
// ARGUMENT …
func stranger(ts *testscript.TestScript, isNegative bool, args []string) {
	user := strconv.Itoa(testutil.Stranger)
	runThere(ts, isNegative, args, "setpriv", "--reuid", user, "--regid", user, "--clear-groups")
}

// asRoot is stranger for root.
func asRoot(ts *testscript.TestScript, isNegative bool, args []string) {
	runThere(ts, isNegative, args, "env")
}

func runThere(ts *testscript.TestScript, isNegative bool, args []string, as ...string) {
	home := ts.Getenv("STRANGER")
	env := []string{"env", "-i", "HOME=" + home, "PATH=" + os.Getenv("PATH"), "GORACE=" + raceOptions}
	for _, name := range []string{"TAEGIS_API_URL", "CLIENT_ID", "CLIENT_SECRET", "BADGE"} {
		if value := ts.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	for len(args) > 0 && strings.Contains(args[0], "=") {
		env, args = append(env, args[0]), args[1:]
	}
	inside := `mount --bind "$0" /etc && cd / && exec "$@"`
	command := append([]string{"-m", "sh", "-c", inside, ts.Getenv("ETC")}, as...)
	command = append(append(command, env...), filepath.Join(filepath.Dir(home), "taegis"))
	err := ts.Exec("unshare", append(command, args...)...)
	switch _, isExit := err.(*exec.ExitError); { // Exec returns it as it is
	case err != nil && !isExit:
		ts.Check(err)
	case err == nil && isNegative:
		ts.Fatalf("it succeeded")
	case err != nil && !isNegative:
		ts.Fatalf("it failed: %v", err)
	}
}
