package transport_test

import (
	"encoding/json"
	"log/slog"
	"os/exec"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testkit"
)

// logged makes a call and returns what is logged of it.
func logged(t *testing.T, req *core.Request, status int, body string) (line string, entry map[string]any) {
	t.Helper()
	req.Environment = serve(t, answering(status, body, "X-Request-Id", "r-1"))
	logger, text := record()
	_ = transport.Log(logger)(&transport.HTTP{}).Execute(t.Context(), req, nil)
	if err := json.Unmarshal([]byte(text()), &entry); err != nil {
		t.Fatalf("%q: %v", text(), err)
	}
	return text(), entry
}

func TestLogTellsWhatHappened(t *testing.T) {
	_, entry := logged(t, greet(core.Environment{}, core.Query), 200, `{"data":{"greet":{"text":"hello"}}}`)
	if entry["operation"] != "greet" || entry["status"] != 200.0 || entry["request_id"] != "r-1" || entry["error"] != nil || entry["took"] == nil {
		t.Errorf("%v", entry)
	}
	if _, entry = logged(t, greet(core.Environment{}, core.Query), 500, `oops`); entry["status"] != 500.0 || entry["error"] == nil {
		t.Errorf("%v", entry)
	}
}

func TestLogShowsNoSecret(t *testing.T) {
	const secret = "v3ry-s3cret"
	nested := greet(core.Environment{}, core.Mutation)
	nested.Operation.Arguments = append(nested.Operation.Arguments, core.Argument{Name: "input", Type: "In"}, core.Argument{Name: "password", Type: "ID", Inline: true})
	nested.Args = map[string]any{
		"name": "ann", "clientSecret": secret, "password": secret,
		"input": map[string]any{"list": []any{map[string]any{"api_key": secret, "kept": "seen"}}},
	}
	nested.Header = map[string][]string{"X-Api-Key": {secret}, "X-Kept": {"also seen"}}
	raw := &core.Request{Operation: &core.Operation{Name: "x"}, Document: `mutation x { login(password: "` + secret + `", token: """` + secret + `""") { id } }`, Token: core.NewSecret(canary)}
	for name, req := range map[string]*core.Request{"arguments": nested, "a document": raw} {
		text, entry := logged(t, req, 200, `{"errors":[{"message":"`+secret+` is wrong"}]}`)
		if name == "a document" { // whose secrets are not known from its text; the server's answer is its own
			text = entry["curl"].(string)
		}
		if strings.Contains(text, secret) || strings.Contains(text, canary) {
			t.Errorf("%s: a secret shows: %s", name, text)
		}
		if !strings.Contains(text, "[redacted]") || name == "arguments" && (!strings.Contains(text, "seen") || !strings.Contains(text, "also seen")) {
			t.Errorf("%s: too little is left: %s", name, text)
		}
	}
}

// The line must survive a shell, whatever is in the arguments.
func TestTheCurlLineCanBePasted(t *testing.T) {
	shell := testkit.Program(t, "sh")
	req := greet(core.Environment{}, core.Query)
	const odd = "it's $HOME `id` \"quoted\" \\ \n %s ü"
	req.Args = map[string]any{"name": odd}
	_, entry := logged(t, req, 200, `{"data":{"greet":null}}`)
	line, ok := strings.CutPrefix(entry["curl"].(string), "curl ")
	if !ok {
		t.Fatalf("the line is %s", entry["curl"])
	}
	cmd := exec.CommandContext(t.Context(), shell, "-c", `printf '%s\0' `+line)
	cmd.Env = []string{"TAEGIS_ACCESS_TOKEN=the-token"}
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	var body asked
	if err := json.Unmarshal([]byte(words[len(words)-1]), &body); err != nil {
		t.Fatalf("%q: %v", words, err)
	}
	var name string
	if err := json.Unmarshal(body.Variables["name"], &name); err != nil || name != odd {
		t.Errorf("the shell made %q of %q, %v", name, odd, err)
	}
	all := strings.Join(words, "\n")
	for _, part := range []string{req.URL(), "Authorization: Bearer the-token", "X-Tenant-Context: 145831"} {
		if !strings.Contains(all, part) {
			t.Errorf("%q is missing in %q", part, words)
		}
	}
}

func TestLogCostsNothingWhereItIsOff(t *testing.T) {
	wire, req := &failing{}, greet(core.Environment{}, core.Query)
	quiet := transport.Log(slog.New(slog.DiscardHandler))(wire)
	wire.tries = nil
	bare := testing.AllocsPerRun(100, func() { wire.tries = nil; _ = wire.Execute(t.Context(), req, nil) })
	with := testing.AllocsPerRun(100, func() { wire.tries = nil; _ = quiet.Execute(t.Context(), req, nil) })
	if with > bare {
		t.Errorf("%v allocations a call, %v without", with, bare)
	}
}
