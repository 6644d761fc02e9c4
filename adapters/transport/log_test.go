package transport_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"os/exec"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testutil"
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

func TestLogSaysWhatHappened(t *testing.T) {
	_, entry := logged(t, greet(core.Environment{}, core.KindQuery), 200, `{"data":{"greet":{"text":"hello"}}}`)
	if entry["operation"] != "greet" || entry["status"] != 200.0 || entry["request_id"] != "r-1" || entry["error"] != nil || entry["took"] == nil {
		t.Errorf("%v", entry)
	}
	if _, entry = logged(t, greet(core.Environment{}, core.KindQuery), 500, `oops`); entry["status"] != 500.0 || entry["error"] == nil {
		t.Errorf("%v", entry)
	}
}

// A record is short at debug level: the document of a default selection has many KB.
func TestLogIsShortUnlessAskedFor(t *testing.T) {
	req := greet(serve(t, answering(200, `{"data":{"greet":null}}`)), core.KindQuery)
	req.Selection = "{ " + strings.Repeat("text ", 5000) + "}"
	for level, long := range map[slog.Level]bool{slog.LevelDebug: false, transport.LevelTrace: true} {
		var log lockedBuffer
		logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: level}))
		if err := transport.Log(logger)(&transport.HTTP{}).Execute(t.Context(), req, nil); err != nil {
			t.Fatal(err)
		}
		text := log.String()
		if !strings.Contains(text, "level=DEBUG") || !strings.Contains(text, "operation=greet") || strings.Contains(text, "curl") != long || len(text) > 500 != long {
			t.Errorf("%v: %d bytes: %.600s", level, len(text), text)
		}
	}
}

func TestLogShowsNoSecret(t *testing.T) {
	const secret = "v3ry-s3cret"
	nested := greet(core.Environment{}, core.KindMutation)
	nested.Operation.Arguments = append(nested.Operation.Arguments, core.Argument{Name: "input", Type: "In"}, core.Argument{Name: "password", Type: "ID", Inline: true})
	nested.Args = map[string]any{
		"name": "ann", "clientSecret": secret, "password": secret,
		"input": map[string]any{"list": []any{map[string]any{"api_key": secret, "kept": "seen"}}},
	}
	nested.Header = map[string][]string{"X-Api-Key": {secret}, "X-Kept": {"also seen"}}
	raw := &core.Request{Operation: &core.Operation{Name: "x"}, Document: `mutation x { login(password: "` + secret + `", token: """` + secret + `""") { id } }`, Token: core.NewSecret(canary)}
	for name, req := range map[string]*core.Request{"arguments": nested, "a document": raw} {
		text, _ := logged(t, req, 200, `{"errors":[{"message":"`+secret+` is wrong"}]}`)
		if strings.Contains(text, secret) || strings.Contains(text, canary) {
			t.Errorf("%s: a secret shows: %s", name, text)
		}
		if !strings.Contains(text, "[redacted]") || name == "arguments" && (!strings.Contains(text, "seen") || !strings.Contains(text, "also seen")) {
			t.Errorf("%s: too little is left: %s", name, text)
		}
	}
}

// A secret need not be a text, stand at the top, or be a variable. The server repeats each as it is
// and within other values.
func TestLogShowsNoSecretOfAnyShape(t *testing.T) {
	const number, quoted = 73519264, `pass "word"`
	argument := func(name string, value any) *core.Request {
		req := greet(core.Environment{}, core.KindQuery)
		req.Operation.Arguments = []core.Argument{{Name: name, Type: "JSON"}, {Name: "page", Type: "Int"}}
		req.Args = map[string]any{name: value, "page": 4711}
		return req
	}
	document := func(text string) *core.Request {
		return &core.Request{Operation: &core.Operation{Name: "greet"}, Document: text}
	}
	inline := argument("pin", number)
	inline.Operation.Arguments[0].Inline = true
	selecting := argument("in", 1)
	selecting.Selection = "{ text(otp: 73519264) }"
	for name, req := range map[string]*core.Request{
		"a number":            argument("otp", number),
		"inline":              inline,
		"a list":              argument("tokens", []any{number, "x"}),
		"a list of lists":     argument("keys", [][]int{{number}}),
		"nested":              argument("credentials", map[string]any{"a": []any{map[string]any{"b": number}}}),
		"nested by its name":  argument("in", map[string]any{"list": []any{map[string]any{"supportPin": number}}}),
		"with quotes":         argument("password", quoted),
		"a selection":         selecting,
		"a default":           document(`query greet($otp: Int = 73519264) { greet(otp: $otp) { text } }`),
		"a list as default":   document(`query greet($tokens: [Int] = [1, 73519264]) { greet }`),
		"behind a comment":    document("{ greet(otp # one time\n : 73519264) }"),
		"an input's field":    document(`{ greet(in: {a: [{mfaCode: 73519264}]}) }`),
		"a block":             document(`{ greet(password: """pass "word" """) }`),
		"a text with escapes": document(`{ greet(password: "pass \"word\u0022") }`),
	} {
		t.Run(name, func(t *testing.T) {
			echo, err := json.Marshal(map[string]any{"errors": []any{map[string]any{
				"message":    `73519264 and pass "word" and pass \"word\" are wrong`,
				"extensions": map[string]any{"got": []any{number, quoted, map[string]any{"deep": quoted}}},
			}}})
			if err != nil {
				t.Fatal(err)
			}
			text, entry := logged(t, req, 200, string(echo))
			shown := text + entry["curl"].(string) + entry["error"].(string)
			secret := "73519264"
			if strings.Contains(name, "quotes") || strings.Contains(name, "block") || strings.Contains(name, "escapes") {
				secret = "word"
				shown = strings.ReplaceAll(shown, "password", "")
			}
			if strings.Contains(shown, secret) || !strings.Contains(shown, "[redacted]") {
				t.Errorf("a secret shows: %s", shown)
			}
			if req.Args != nil && !strings.Contains(shown, "4711") {
				t.Errorf("too little is left: %s", shown)
			}
		})
	}
}

// A base URL with a password in it is refused, so there is nothing to show of it.
func TestLogShowsNoPasswordOfABaseURL(t *testing.T) {
	for _, url := range []string{"https://ann:v3ry-s3cret@taegis.example", "http://ann:v3ry-s3cret@127.0.0.1:1"} {
		logger, text := record()
		err := transport.Log(logger)(&transport.HTTP{}).Execute(t.Context(), greet(core.Environment{Name: "lab", APIURL: url}, core.KindQuery), nil)
		if _, refused := errors.AsType[*core.BaseURLError](err); !refused || !strings.Contains(text(), `"operation":"greet"`) || strings.Contains(text(), "s3cret") {
			t.Errorf("%v: %s", err, text())
		}
	}
}

// Values with names that are only similar to those of secrets are not redacted.
func TestLogShowsWhatIsNoSecret(t *testing.T) {
	for name, document := range map[string]string{
		"a selected field": `{ greet(name: "seen") { tags { key value } tokenCount } }`,
		"other names":      `{ greet(keyboard: "seen", author: "x", pinned: true, decode: 1) { text } }`,
	} {
		req := &core.Request{Operation: &core.Operation{Name: "greet"}, Document: document}
		if text, _ := logged(t, req, 200, `{"data":{}}`); !strings.Contains(text, "seen") || strings.Contains(text, "[redacted]") {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// The line must survive a shell, whatever is in the arguments.
func TestTheCurlLineCanBePasted(t *testing.T) {
	shell := testutil.Program(t, "sh")
	req := greet(core.Environment{}, core.KindQuery)
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
	wire, req := &failing{}, greet(core.Environment{}, core.KindQuery)
	quiet := transport.Log(slog.New(slog.DiscardHandler))(wire)
	wire.tries = nil
	bare := testing.AllocsPerRun(100, func() { wire.tries = nil; _ = wire.Execute(t.Context(), req, nil) })
	with := testing.AllocsPerRun(100, func() { wire.tries = nil; _ = quiet.Execute(t.Context(), req, nil) })
	if with > bare {
		t.Errorf("%v allocations a call, %v without", with, bare)
	}
}
