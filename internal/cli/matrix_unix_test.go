//go:build unix

package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	sdk "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

func init() { programs["library"] = runLibrary }

// runLibrary is a program that configures everything in code and keeps its tokens in memory.
func runLibrary() {
	client, err := sdk.New(
		sdk.WithBaseURL(os.Getenv("SERVER")),
		sdk.WithAuthenticators(&authn.ClientCredentials{
			ID: emulator.DemoClientID, Secret: core.NewSecret(emulator.DemoClientSecret),
		}),
		sdk.WithTokenStore(&tokenstore.Memory{}),
	)
	if err == nil {
		_, err = client.Token(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "library:", err)
		os.Exit(1)
	}
}

// way is a configuration of credentials and token store: a column of the matrix.
type way struct {
	name, program string
	args, env     []string
}

const profileFile = `version = 1
[profiles.work]
environment = "charlie"
token-store = "encrypted-file"
chain = ["client-credentials"]
`

func ways(server *emulator.Server) []way {
	client := []string{"CLIENT_ID=" + emulator.DemoClientID, "CLIENT_SECRET=" + emulator.DemoClientSecret}
	api := []string{"api", "{ currentSubject { id } }"}
	return []way{
		{"access token", "taegis", api, []string{"TAEGIS_ACCESS_TOKEN=" + server.Token(emulator.DemoUser)}},
		{"client, memory", "taegis", append([]string{"--token-store=memory"}, api...), client},
		{"client, default store", "taegis", api, client},
		{
			"profile, sealed store", "taegis", append([]string{"--profile=work"}, api...),
			append([]string{"TAEGIS_KEYRING_PASSPHRASE=correct horse battery staple"}, client...),
		},
		{"library options", "library", nil, []string{"SERVER=" + server.URL}},
	}
}

// trouble is a problem in a user's home folder: a row of the matrix.
type trouble struct {
	breaks func(t *testing.T, home string) (env []string)
	// fails has the text of the error for each way that fails.
	fails map[string][]string
	// warns has the text of the warning for each way that succeeds with one. Other ways write none.
	warns map[string][]string
}

var chown = "sudo chown " + strconv.Itoa(testutil.Stranger) + " "

func troubles() map[string]trouble {
	homeOf := func(home string) []string { return []string{"HOME=" + home} }
	shared := func(home string) string { return filepath.Join(home, ".taegis_sdk_python", "config") }
	broken := func(text string) func(*testing.T, string) []string {
		return func(t *testing.T, home string) []string {
			make0(t, shared(home), text, 0o600, testutil.Stranger)
			return homeOf(home)
		}
	}
	profiles := func(home string) string { return filepath.Join(home, ".config", "taegis", "config.toml") }
	encoded := func(text string) string {
		var b strings.Builder
		for _, unit := range append([]uint16{0xfeff}, utf16.Encode([]rune(text))...) {
			b.Write([]byte{byte(unit), byte(unit >> 8)})
		}
		return b.String()
	}
	// Ways with another token store do not read settings from the file.
	unusedBy := func(texts ...string) map[string][]string {
		return map[string][]string{"client, memory": texts, "profile, sealed store": texts, "library options": texts}
	}
	return map[string]trouble{
		"nothing is broken": {breaks: func(_ *testing.T, home string) []string { return homeOf(home) }},
		"HOME is unset, and the user database has none": {
			breaks: func(*testing.T, string) []string { return nil },
			warns: map[string][]string{
				"access token": {"tokens are kept in memory"}, "client, default store": {"tokens are kept in memory"},
				"profile, sealed store": {"was not saved", "set HOME"},
			},
		},
		"HOME does not exist": {
			breaks: func(*testing.T, string) []string { return homeOf("/nonexistent/home") },
			warns: map[string][]string{
				"client, default store": {"was not saved", "/ belongs to root", "set HOME"},
				"profile, sealed store": {"was not saved", "/ belongs to root", "XDG_STATE_HOME"},
			},
		},
		"HOME is a file": {
			breaks: func(t *testing.T, home string) []string {
				file := filepath.Join(home, "file")
				make0(t, file, "", 0o600, testutil.Stranger)
				return homeOf(file)
			},
			fails: map[string][]string{"client, default store": {"/file is not a folder", "TAEGIS_CONFIG_FILE"}},
			warns: map[string][]string{"profile, sealed store": {"was not saved", "/file is not a folder", "XDG_STATE_HOME"}},
		},
		"HOME of another user, closed": {
			breaks: func(t *testing.T, home string) []string {
				give(t, home, testutil.Stranger+1, 0o700)
				return homeOf(home)
			},
			fails: map[string][]string{"client, default store": {"belongs to another user", "set HOME"}},
			warns: map[string][]string{"profile, sealed store": {"was not saved", "belongs to another user", "XDG_STATE_HOME"}},
		},
		"the shared file is root's": {
			breaks: func(t *testing.T, home string) []string {
				make0(t, shared(home), "[charlie]\n", 0o600, 0)
				return homeOf(home)
			},
			fails: map[string][]string{"client, default store": {"belongs to root", chown + "/"}},
			warns: unusedBy("the configuration file is not used", "belongs to root", chown+"/"),
		},
		"the shared file and its folder are root's": {
			breaks: func(t *testing.T, home string) []string {
				make0(t, shared(home), "[charlie]\n", 0o600, 0)
				give(t, filepath.Dir(shared(home)), 0, 0o700)
				return homeOf(home)
			},
			fails: map[string][]string{"client, default store": {"belongs to root", "sudo chown -R"}},
			warns: unusedBy("the configuration file is not used", "belongs to root", "sudo chown -R"),
		},
		"the folder of the shared file is root's, and empty": {
			breaks: func(t *testing.T, home string) []string {
				make0(t, filepath.Join(filepath.Dir(shared(home)), "other"), "", 0o600, 0)
				give(t, filepath.Dir(shared(home)), 0, 0o755)
				return homeOf(home)
			},
			warns: map[string][]string{"client, default store": {"was not saved", "sudo chown -R"}},
		},
		"the shared file is not INI": {
			breaks: broken("{\"access_token\": \"x\"}\n"),
			fails:  map[string][]string{"client, default store": {":1: this stands before the first [section]"}},
			warns:  unusedBy(":1: this stands before the first [section]"),
		},
		"the shared file is UTF-16": {
			breaks: broken(encoded("[charlie]\r\naccess_token = x\r\n")),
			fails:  map[string][]string{"client, default store": {"UTF-16", "save it as UTF-8"}},
			warns:  unusedBy("UTF-16", "save it as UTF-8"),
		},
		"the profile file cannot be read": {
			breaks: func(t *testing.T, home string) []string {
				make0(t, profiles(home), profileFile, 0o600, 0)
				return homeOf(home)
			},
			fails: map[string][]string{"profile, sealed store": {"belongs to root", chown + "/"}},
			warns: map[string][]string{
				"access token": {"no profile is used"}, "client, memory": {"no profile is used"}, "client, default store": {"no profile is used", chown},
			},
		},
		"the folder of the profile file is closed": {
			breaks: func(t *testing.T, home string) []string {
				make0(t, profiles(home), profileFile, 0o600, testutil.Stranger)
				give(t, filepath.Dir(profiles(home)), testutil.Stranger, 0)
				return homeOf(home)
			},
			fails: map[string][]string{"profile, sealed store": {"chmod u+rwx /"}},
			warns: map[string][]string{
				"access token": {"no profile is used"}, "client, memory": {"no profile is used"}, "client, default store": {"no profile is used", "chmod u+rwx /"},
			},
		},
		"the state folder is read-only": {
			breaks: func(t *testing.T, home string) []string {
				state := filepath.Join(home, ".local", "state")
				make0(t, filepath.Join(state, "other"), "", 0o600, testutil.Stranger)
				give(t, state, testutil.Stranger, 0o500)
				return homeOf(home)
			},
			warns: map[string][]string{"profile, sealed store": {"was not saved", "chmod u+rwx /", "XDG_STATE_HOME"}},
		},
		"the state folder is root's": {
			breaks: func(t *testing.T, home string) []string {
				state := filepath.Join(home, "state")
				make0(t, filepath.Join(state, "other"), "", 0o600, 0)
				give(t, state, 0, 0o755)
				return append(homeOf(home), "XDG_STATE_HOME="+state)
			},
			warns: map[string][]string{"profile, sealed store": {"was not saved", "sudo chown -R", "XDG_STATE_HOME"}},
		},
		"TAEGIS_CONFIG_FILE is the null device": {
			breaks: func(_ *testing.T, home string) []string { return append(homeOf(home), "TAEGIS_CONFIG_FILE=/dev/null") },
		},
		"the notebook tool has been here": {
			breaks: broken("[magics.auth]\nuse_universal_auth = false\n\n[backoff.retry]\nmax_time = 0\nmax_tries = 0\n\n"),
			warns: map[string][]string{
				"access token": {"[backoff.retry] max_tries, [backoff.retry] max_time"}, "client, memory": {"max_tries"},
				"client, default store": {"max_tries"}, "profile, sealed store": {"max_tries"}, "library options": {"max_tries"},
			},
		},
	}
}

// make0 creates a file of a user with its folders, which belong to the stranger.
func make0(t *testing.T, path, text string, mode os.FileMode, uid int) {
	t.Helper()
	var folders []string
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir); err == nil {
			break
		}
		folders = append(folders, dir)
	}
	for _, dir := range slices.Backward(folders) {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		give(t, dir, testutil.Stranger, 0o700)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	give(t, path, uid, mode)
}

func give(t *testing.T, path string, uid int, mode os.FileMode) {
	t.Helper()
	if err := os.Chown(path, uid, uid); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// TestWhatIsBrokenBreaksNothingElse checks that a call works with at most one warning if the
// problem concerns neither its credentials nor its store, and that otherwise the error is one line
// with a hint that this user can follow. The calls run as a user other than root, which ignores
// permissions.
func TestWhatIsBrokenBreaksNothingElse(t *testing.T) {
	if testing.Short() {
		t.Skip("runs other programs; the race detector adds nothing")
	}
	taegis, library := testutil.PublicProgram(t, "taegis"), testutil.PublicProgram(t, "library")
	server, err := emulator.Start("127.0.0.1:0", emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	for row, trouble := range troubles() {
		for _, way := range ways(server) {
			t.Run(row+"/"+way.name, func(t *testing.T) {
				home := testutil.PublicFolder(t, testutil.Stranger)
				env := append([]string{"PATH=" + os.Getenv("PATH"), "TAEGIS_API_URL=" + server.URL, "GORACE=" + raceOptions}, way.env...)
				if way.name == "profile, sealed store" && !strings.Contains(row, "profile file") {
					elsewhere := filepath.Join(testutil.PublicFolder(t, testutil.Stranger), "config.toml")
					make0(t, elsewhere, profileFile, 0o600, testutil.Stranger)
					env = append(env, "TAEGIS_PROFILES_FILE="+elsewhere)
				}
				env = append(env, trouble.breaks(t, home)...)
				program := map[string]string{"taegis": taegis, "library": library}[way.program]
				for run := range 2 { // the second run finds the files of the first
					cmd := exec.CommandContext(t.Context(), program, way.args...)
					var stderr bytes.Buffer
					cmd.Dir, cmd.Env, cmd.Stderr = "/", env, &stderr
					err := testutil.AsUser(cmd, testutil.Stranger).Run()
					wantLines(t, run, err, stderr.String(), trouble.fails[way.name], trouble.warns[way.name])
				}
			})
		}
	}
}

// TestDoctorWithoutAHome checks that an unset HOME is a warning with a hint.
func TestDoctorWithoutAHome(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), testutil.PublicProgram(t, "taegis"), "doctor", "--offline")
	cmd.Dir, cmd.Env = "/", []string{"PATH=" + os.Getenv("PATH"), "GORACE=" + raceOptions, "CLIENT_ID=a", "CLIENT_SECRET=b"}
	out, _ := testutil.AsUser(cmd, testutil.Stranger).Output() // the exit code is 1 because of the warnings
	want := "there are none: the home folder is unknown\n        export HOME=FOLDER\n"
	if !strings.Contains(string(out), "\nwarn  profiles ") || !strings.Contains(string(out), want) || strings.Contains(string(out), "FAIL") {
		t.Errorf("%s", out)
	}
}

// wantLines checks the output of a program: the error that contains the texts of fails, otherwise
// at most one warning, which contains the text of warns.
func wantLines(t *testing.T, run int, err error, stderr string, fails, warns []string) {
	t.Helper()
	texts := append(slices.Clone(fails), warns...)
	lines := strings.Split(strings.TrimSuffix(stderr, "\n"), "\n")
	if stderr == "" {
		lines = nil
	}
	if (err != nil) != (fails != nil) {
		t.Errorf("run %d: %v\n%s", run, err, stderr)
	}
	if len(lines) > 1 || len(lines) == 0 && texts != nil || len(lines) == 1 && texts == nil {
		t.Errorf("run %d: %d lines, of which there should be %d:\n%s", run, len(lines), min(len(texts), 1), stderr)
	}
	for _, text := range texts {
		if !strings.Contains(stderr, text) {
			t.Errorf("run %d: %q is missing in: %s", run, text, stderr)
		}
	}
	for _, never := range []string{"Store.Dir", "move it away", "chown 0", emulator.DemoClientSecret} {
		if strings.Contains(stderr, never) {
			t.Errorf("run %d: %q in: %s", run, never, stderr)
		}
	}
}
