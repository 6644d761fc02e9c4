//go:build unix

package cli_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/creack/pty"
	"golang.org/x/term"

	"github.com/taegis-go/taegis/internal/cli"
	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// forged are lines that occur only in hostile text.
var forged = []string{"taegis: warning: forged", "taegis: forged"}

// onTerminal runs the command line with a terminal as stdout and stderr, and returns its output.
func onTerminal(t *testing.T, stdin string, args ...string) (code int, got string) {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := term.MakeRaw(int(slave.Fd())); err != nil { // raw mode does not change line feeds
		t.Fatal(err)
	}
	var shown bytes.Buffer
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(&shown, master) // ends with an error after the last writer has closed
	}()
	code = cli.Run(t.Context(), args, strings.NewReader(stdin), slave, slave)
	slave.Close()
	<-ended
	master.Close()
	return code, shown.String()
}

// ownSequences removes the control sequences that the command line itself writes: its colours, and the
// erasing of a line.
var ownSequences = strings.NewReplacer("\x1b[0m", "", "\x1b[1m", "", "\x1b[1;34m", "", "\x1b[32m", "", "\x1b[36m", "", "\x1b[33m", "", "\r\x1b[K", "")

// wantShowable fails for characters that must not be sent to a terminal and for forged lines.
func wantShowable(t *testing.T, what, got string) {
	t.Helper()
	got = ownSequences.Replace(got)
	for i, r := range got {
		if r == '\n' || r == '\t' && (strings.Contains(what, "config list") || strings.Contains(what, "schema dump")) {
			continue
		}
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) {
			t.Errorf("%s: the terminal got %q in %q", what, r, got[max(0, i-40):min(len(got), i+40)])
			return
		}
	}
	for line := range strings.Lines(got) {
		for _, start := range forged {
			if strings.HasPrefix(line, start) {
				t.Errorf("%s: the line %q is forged", what, line)
			}
		}
	}
}

// encoded is hostile in a JSON document, escaped only as JSON requires.
func encoded(t *testing.T) string {
	t.Helper()
	text, err := json.Marshal(hostile)
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer(`\u2028`, "\u2028", `\u2029`, "\u2029", `\u003c`, "<").Replace(string(text))
}

// hostileAnswers are responses of a server in every form that the SDK reads.
func hostileAnswers(t *testing.T) map[string]emulator.Fault {
	t.Helper()
	h := encoded(t)
	errs := fmt.Sprintf(`[{"message":%s,"path":[%s,1],"extensions":{"code":%s}}]`, h, h, h)
	return map[string]emulator.Fault{
		"errors":        {Status: http.StatusOK, Body: `{"data":null,"errors":` + errs + `}`},
		"partial":       {Status: http.StatusOK, Body: `{"data":{"createClient":{"clientSecret":` + h + `,"client":{"clientID":` + h + `,"name":` + h + `}},"currentSubject":{"id":` + h + `},` + h + `:1},"errors":` + errs + `}`},
		"data":          {Status: http.StatusOK, Body: `{"data":{"createClient":{"clientSecret":` + h + `,"client":{"clientID":` + h + `,"name":` + h + `}},"currentSubject":{"id":` + h + `},` + h + `:1}}`},
		"misfit":        {Status: http.StatusOK, Body: `{"data":{"createClient":{"clientSecret":[` + h + `]},"currentSubject":` + h + `}}`},
		"message":       {Status: http.StatusBadRequest, Body: `{"message":` + h + `,"error":` + h + `,"error_description":` + h + `}`},
		"forbidden":     {Status: http.StatusForbidden, Body: `{"errors":` + errs + `}`},
		"server error":  {Status: http.StatusInternalServerError, Body: `{"errors":` + errs + `}`},
		"no JSON":       {Status: http.StatusOK, Body: hostile},
		"token":         {Status: http.StatusOK, Body: `{"access_token":` + h + `,"token_type":` + h + `,"expires_in":` + h + `}`},
		"authorization": {Status: http.StatusUnauthorized, Body: `{"errors":` + errs + `,"error":` + h + `,"error_description":` + h + `}`},
	}
}

func TestNoTextOfAServerReachesTheTerminalAsItIs(t *testing.T) {
	needTerminal(t)
	server := loggedInServer(t)
	invoke(t, "", "config", "set", "backoff.retry", "max_tries", "1")
	mutation := `mutation { createClient(name: "x") { clientSecret } }`
	for _, route := range []string{"/graphql", "/auth/api/v2/auth/token"} {
		for name, fault := range hostileAnswers(t) {
			remove := server.AddFault(route, fault)
			seen := false
			commands := [][]string{
				{"api", "{ currentSubject { id } }"},
				{"api", mutation, "--verbose"},
				{"call", "clients", "createClient", "--arg", "name=x"},
				{"clients", "create", "x"},
				{"clients", "create", "x", "--json"},
				{"auth", "status", "--verify"},
				{"schema", "operations", "clients", "--live"},
				{"schema", "dump", "clients", "--live"},
			}
			if route != "/graphql" {
				commands = [][]string{{"auth", "login"}, {"auth", "login", "--verbose"}, {"auth", "token"}, {"auth", "explain"}, {"doctor"}, {"doctor", "--json"}}
			}
			for _, args := range commands {
				if route != "/graphql" {
					invoke(t, "", "auth", "logout", "--all")
				}
				_, got := onTerminal(t, "", args...)
				wantShowable(t, name+" at "+route+", "+strings.Join(args, " "), got)
				seen = seen || strings.Contains(got, `Hostile\x1b[2J`) || strings.Contains(got, `Hostile\u001b[2J`) || strings.Contains(got, `Hostile\033[2J`)
			}
			remove()
			if !seen && name != "no JSON" && name != "token" && (route == "/graphql" || name == "message" || name == "authorization") {
				t.Errorf("%s at %s: no command has shown it", name, route)
			}
		}
	}
}

// TestAPipeGetsTheServersBytes checks that a pipe gets exactly the bytes that the server sent.
func TestAPipeGetsTheServersBytes(t *testing.T) {
	needTerminal(t)
	server := loggedInServer(t)
	value := `{"id":"a\u001b` + "\u009b\u202e\u200b\U000e0041\u2028\x7f<&>" + `","n":1.50}`
	for _, args := range [][]string{{"call", "subjects", "currentSubject"}, {"api", "{ currentSubject { id } }"}} {
		body, want := `{"data":{"currentSubject":`+value+`}}`, value+"\n"
		if args[0] == "api" {
			want = `{"currentSubject":` + value + "}\n"
		}
		server.AddFault("currentSubject", emulator.Fault{Times: 1, Status: 200, Body: body})
		invoke(t, "", args...).want(t, 0, want, "")
		server.AddFault("currentSubject", emulator.Fault{Times: 1, Status: 200, Body: body})
		_, got := onTerminal(t, "", args...)
		for _, shown := range []string{`"a\u001b\u009b\u202e\u200b\udb40\udc41\u2028\u007f<&>"`, `1.50`} {
			if !strings.Contains(got, shown) {
				t.Errorf("%v: the terminal got %q", args, got)
			}
		}
	}
}

// TestMessagesOfServersAreShort checks that long messages are shortened.
func TestMessagesOfServersAreShort(t *testing.T) {
	server := loggedInServer(t)
	long := strings.Repeat(`x\n`, 1<<19)
	for name, body := range map[string]string{
		"one":     `{"errors":[{"message":"` + long + `"}]}`,
		"many":    `{"errors":[` + strings.TrimSuffix(strings.Repeat(`{"message":"taegis"},`, 1<<15), ",") + `]}`,
		"a path":  `{"errors":[{"message":"m","path":["` + long + `"]}]}`,
		"partial": `{"data":{"currentSubject":{"id":"1"}},"errors":[{"message":"` + long + `"}]}`,
	} {
		answerWith(server, "currentSubject", body)
		run := invoke(t, "", "api", "{ currentSubject { id } }")
		if len(run.stderr) > 2<<10+256 || strings.Count(run.stderr, "\n") != 1 || !strings.HasPrefix(run.stderr, "taegis: ") {
			t.Errorf("%s: %d bytes, %d lines: %.200s", name, len(run.stderr), strings.Count(run.stderr, "\n"), run.stderr)
		}
	}
}

func TestNoTextOfAPluginReachesTheTerminalAsItIs(t *testing.T) {
	needTerminal(t)
	loggedInServer(t)
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("TAEGIS_PROFILES_FILE", filepath.Join(dir, "config.toml"))
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "taegis-plugin-hostile")
	if err := os.WriteFile(path, program, 0o700); err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, args := range [][]string{
		{"plugin", "install", path},
		{"plugin", "list"},
		{"plugin", "verify"},
		{"plugin", "run", "hostile"},
		{"doctor"},
		{"doctor", "--json"},
		{"auth", "login", "--method", "plugin:hostile"},
		{"auth", "login", "--method", "plugin:hostile", "--verbose"},
		{"plugin", "remove", "hostile"},
	} {
		_, got := onTerminal(t, "", args...)
		wantShowable(t, strings.Join(args, " "), got)
		if strings.Contains(got, `Hostile\x1b[2J`) || strings.Contains(got, `Hostile\u001b[2J`) {
			shown++
		}
	}
	if shown < 4 {
		t.Errorf("%d commands have shown what it says", shown)
	}
}

func TestNoTextOfAFileReachesTheTerminalAsItIs(t *testing.T) {
	needTerminal(t)
	loggedInServer(t)
	dir := filepath.Join(t.TempDir(), "Hostile\x1b[2J\u009b\u202e\ntaegis: forged")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	toml, err := json.Marshal(hostile) // these strings are the same in TOML and JSON
	if err != nil {
		t.Fatal(err)
	}
	config, profiles := filepath.Join(dir, "config"), filepath.Join(dir, "config.toml")
	t.Setenv("TAEGIS_CONFIG_FILE", config)
	t.Setenv("TAEGIS_PROFILES_FILE", profiles)
	ini := strings.ReplaceAll(hostile, "\n", "\n\t")
	token := testToken(t, map[string]any{"username": hostile, "client_id": hostile, "sub": hostile, "exp": 4102444800})
	for name, files := range map[string][2]string{
		"settings": {"[" + strings.ReplaceAll(strings.ReplaceAll(hostile, "\r", ""), "\n", "") + "]\nkey = " + ini + "\n[charlie]\naccess_token = " + token + "\nclient_id = " + ini + "\n", ""},
		"profiles": {"", "profile = \"a\"\n[profiles.a]\ntenant = " + string(toml) + "\n[profiles." + string(toml) + "]\nenvironment = " + string(toml) + "\n"},
		"plugins":  {"", "[plugins.a]\npath = " + string(toml) + "\nsha256 = " + string(toml) + "\nsettings = { k = " + string(toml) + " }\n"},
		"broken":   {hostile, hostile},
		"unknown":  {"[backoff.retry]\nmax_tries = " + ini, string(toml) + " = 1\n[profiles.a]\n" + string(toml) + " = " + string(toml) + "\nchain = [" + string(toml) + "]\n"},
	} {
		for path, content := range map[string]string{config: files[0], profiles: files[1]} {
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, args := range [][]string{
			{"config", "list"},
			{"config", "list", "--json"},
			{"config", "get", "charlie", "client_id"},
			{"profile", "list"},
			{"profile", "list", "--json"},
			{"profile", "show"},
			{"profile", "show", "--json"},
			{"profile", "show", hostile},
			{"plugin", "list"},
			{"plugin", "list", "--json"},
			{"plugin", "verify"},
			{"auth", "status"},
			{"auth", "status", "--json"},
			{"auth", "explain"},
			{"auth", "explain", "--json"},
			{"auth", "store"},
			{"doctor", "--offline"},
			{"doctor", "--offline", "--json"},
			{"api", "@" + filepath.Join(dir, "none")},
			{"api", hostile},
			{"call", hostile, "x"},
			{"auth", "logout"},
			{"call", "clients", "createClient", "--arg", "name=@" + filepath.Join(dir, "none")},
			{"schema", "search", hostile},
			{"__complete", "profile", "use", ""},
			{"__complete", "config", "get", ""},
			{"--environment", hostile, "auth", "status"},
			{"--api-url", hostile, "auth", "status"},
			{hostile},
		} {
			_, got := onTerminal(t, "", args...)
			what := name + ", " + strings.Join(args, " ")
			if args[len(args)-1] == "client_id" { // requested lines
				got = strings.ReplaceAll(got, "\n", "")
				what = name + ", config list"
			}
			wantShowable(t, what, got)
		}
	}
}

// testToken returns a token with these claims and an invalid signature.
func testToken(t *testing.T, claims map[string]any) string {
	t.Helper()
	text, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	segment := base64.RawURLEncoding.EncodeToString
	return segment([]byte(`{"alg":"none"}`)) + "." + segment(text) + "." + segment([]byte("signature"))
}

// TestTheCurlLineOfATerminalCanBePasted checks that the curl line of --verbose, as a terminal shows it,
// sends the same request from a shell.
func TestTheCurlLineOfATerminalCanBePasted(t *testing.T) {
	needTerminal(t)
	sh := testutil.Program(t, "sh")
	server := loggedInServer(t)
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "curl"), []byte("#!"+sh+"\nprintf '%s\\0' \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, odd := range []string{
		"plain", "it's $HOME `id` \"quoted\" \\ \n %s ü !! ${x} $(id)", "line\r\nline\ttab\n\n", "'", `\`, `\\n`, "\x1b[2J\u009b31m\u202e\u200b\U000e0041\u2028\x7f", "$'\\x41'", "*?[a]~#;&|<>(){}",
	} {
		code, got := onTerminal(t, odd, "--verbose", "--tenant", "145831", "api", "mutation ($name: String!) {\n  # it's\n\tcreateClient(name: $name) { clientSecret }\n}", "--var", "name=@-")
		if code != 0 {
			t.Errorf("%q: exit code %d: %s", odd, code, got)
		}
		wantShowable(t, "the log", got)
		var lines []string
		for line := range strings.Lines(got) {
			if strings.HasPrefix(line, "curl ") {
				lines = append(lines, line)
			}
		}
		if len(lines) != 1 {
			t.Fatalf("%q: %d curl lines in %s", odd, len(lines), got)
		}
		words := pasted(t, sh, bin, lines[0])
		var sent, again any
		if err := json.Unmarshal([]byte(lastBody(server)), &sent); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(words[len(words)-1]), &again); err != nil || fmt.Sprint(sent) != fmt.Sprint(again) {
			t.Errorf("%q: the shell sends %q, sent was %q, %v", odd, words[len(words)-1], lastBody(server), err)
		}
		for _, part := range []string{server.URL + "/graphql", "Authorization: Bearer the-token", "X-Tenant-Context: 145831", "Content-Type: application/json"} {
			if !strings.Contains(strings.Join(words, "\n"), part) {
				t.Errorf("%q is missing in %q", part, words)
			}
		}
	}
}

// pasted returns the arguments of curl when a line is pasted into a shell.
func pasted(t *testing.T, sh, bin, line string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), sh)
	cmd.Stdin = strings.NewReader(line)
	cmd.Env = []string{"TAEGIS_ACCESS_TOKEN=the-token", "PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH")}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}
