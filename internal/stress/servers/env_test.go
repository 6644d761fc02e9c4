package servers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// The identities of the cases. Their secrets can be found in any other text.
const (
	clientID     = "stress-client"
	clientSecret = "Secret/of+the:client-7d1f"
	ssoUser      = "ann@sso.example.com"
	plainUser    = "bob@example.com"
	mfaUser      = "carol@example.com"
	password     = "Password\"of<users>-93ab"
	mfaCode      = "code-of-a-device-55e0"
)

// env is a server that one client at a time has to itself, so that its faults are those that the
// client meets.
type env struct {
	*emulator.Emulator
	t           testing.TB
	network     network
	environment core.Environment
	fusion      core.Environment
	wire        *http.Transport
	connections connections
	folder      string
	end         func()

	mu       sync.Mutex
	keys     int
	executed map[string]int // by operation and key
}

// alone makes sure that neither the machine nor earlier clients have a part in what becomes of
// calls, and that net/http does not print what a server sends unasked.
func alone(t testing.TB) {
	t.Helper()
	for _, name := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} { // the folder of the drift cache
		t.Setenv(name, "")
	}
	was := log.Writer()
	log.SetOutput(io.Discard)
	t.Cleanup(func() { log.SetOutput(was) })
}

// Routes returns the routes that acts can take: those that the SDK uses. A signed URL is a route for
// each method.
func (w *env) Routes() []string {
	unused := []string{"/assets/version", "/presigned"}
	routes := slices.DeleteFunc(w.Emulator.Routes(), func(route string) bool { return slices.Contains(unused, route) })
	return append(routes, putFile, getFile)
}

// equalRecords are the same on all servers, before the clock of a synctest bubble.
var equalRecords = emulator.Corpus{Start: time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC)}

func newEnv(t testing.TB, n network) *env {
	t.Helper()
	w := &env{t: t, network: n, connections: connections{closed: make(chan struct{}, 1)}, folder: t.TempDir(), executed: map[string]int{}}
	w.Emulator = emulator.New(emulator.Config{
		Corpus:  equalRecords,
		Fusion:  emulator.Fusion{Clients: fusionClients()},
		Clients: []emulator.Client{{ID: clientID, Secret: clientSecret}},
		Users: []emulator.User{
			{Name: ssoUser, SSO: true},
			{Name: plainUser, Password: password},
			{Name: mfaUser, Password: password, MFACodes: []string{mfaCode}},
		},
		OnExecute: w.execute,
	})
	var dial dialer
	w.environment, dial, w.end = n.serve(t, w.Emulator)
	w.fusion = onFusion(t, w.environment)
	w.wire = &http.Transport{DialContext: w.connections.counted(dial)}
	return w
}

// keyPrefix begins the argument that tells a call from all others.
const keyPrefix = "key-"

// key returns a key that no other call has.
func (w *env) key() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keys++
	return fmt.Sprintf("%s%d", keyPrefix, w.keys)
}

func (w *env) execute(operation string, arguments map[string]any) {
	if key := keyIn(arguments); key != "" {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.executed[operation+" "+key]++
	}
}

// keyIn returns the key in arguments, "" if there is none.
func keyIn(value any) string {
	switch value := value.(type) {
	case string:
		if strings.HasPrefix(value, keyPrefix) {
			return value
		}
	case map[string]any:
		for _, member := range value {
			if key := keyIn(member); key != "" {
				return key
			}
		}
	}
	return ""
}

// executions is how often a call of an operation has taken effect.
func (w *env) executions(operation, key string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.executed[operation+" "+key]
}

// session is a client that logs in again.
type session struct {
	*taegis.Client
	*env
	http *http.Client
	user sync.WaitGroup // who opens the link

	mu       sync.Mutex
	log      bytes.Buffer
	observed *bytes.Buffer     // the latest answer to a call
	secrets  map[string]string // that the server may have seen
	lied     bool              // the host of a signed URL said that it has, or gives, what it does not
}

// enter opens a client that logs in in one way.
func (w *env) enter(as way) *session {
	v := &session{env: w, secrets: map[string]string{}}
	v.http = &http.Client{Transport: v}
	client, err := taegis.New(
		taegis.WithEnvironments(w.environment, w.fusion), taegis.WithEnvironment(as.environment(w).Name),
		taegis.WithAuthenticators(as.authenticator), taegis.WithHTTPClient(v.http),
		taegis.WithTokenStore(&tokenstore.Memory{}), taegis.WithConfigFile(filepath.Join(w.folder, "none")),
		taegis.WithLookupEnv(func(string) (string, bool) { return "", false }), taegis.WithPrompt(v.prompt()),
		taegis.WithLogger(slog.New(slog.NewJSONHandler(v, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		taegis.WithTimeout(10*time.Second), taegis.WithKeepAlive(5*time.Second),
	)
	if err != nil {
		panic(err) // of options that are the same each time
	}
	v.Client = client
	return v
}

// leave ends the visit and its faults. It returns how many connections are left.
func (v *session) leave() int {
	if err := v.Close(); err != nil {
		v.t.Error(err)
	}
	v.user.Wait()
	v.ClearFaults()
	v.wire.CloseIdleConnections()
	return v.connections.drain()
}

// What a user types.
const (
	typedPassword = "the password"
	typedCode     = "the code"
)

// reveals notes a secret that is about to be sent.
func (v *session) reveals(name, secret string) core.Secret {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.secrets[name] = secret
	return core.NewSecret(secret)
}

// RoundTrip notes the token that a request carries.
func (v *session) RoundTrip(r *http.Request) (*http.Response, error) {
	_, token, calls := strings.Cut(r.Header.Get("Authorization"), "Bearer ")
	if calls {
		v.reveals("the access token "+token[len(token)-4:], token)
	}
	if _, _, ok := r.BasicAuth(); ok {
		v.reveals("the client's secret", clientSecret)
	}
	v.revealFusion(r)
	answer, err := v.wire.RoundTrip(r)
	if err == nil {
		v.noteLie(r, answer)
	}
	if calls && err == nil && answer.StatusCode == http.StatusOK && !isREST(r.URL.Path) {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.observed = &bytes.Buffer{}
		answer.Body = &observed{answer.Body, v.observed}
	}
	return answer, err
}

// observed is the body of an answer that is observed.
type observed struct {
	io.ReadCloser
	seen *bytes.Buffer
}

// Read reads.
func (o *observed) Read(p []byte) (int, error) {
	n, err := o.ReadCloser.Read(p)
	o.seen.Write(p[:n])
	return n, err
}

// forget forgets what earlier calls were answered, and what they made the user type: of an answer
// that repeats it much later, no reader can know that it does.
func (v *session) forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.observed, v.lied = nil, false
	delete(v.secrets, typedPassword)
	delete(v.secrets, typedCode)
}

// reported reports whether there are errors in the latest answer with status 200.
func (v *session) reported() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	var answer struct{ Errors []any }
	return v.observed != nil && json.Unmarshal(v.observed.Bytes(), &answer) == nil && len(answer.Errors) > 0
}

// Write takes the log.
func (v *session) Write(line []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.log.Write(line)
}

// prompt is a user who knows everything, and opens links.
func (v *session) prompt() core.Prompt {
	return core.Prompt{
		AskText: func(context.Context, string) (string, error) { return ssoUser, nil },
		AskSecret: func(_ context.Context, label string) (core.Secret, error) {
			if strings.Contains(label, "code") {
				return v.reveals(typedCode, mfaCode), nil
			}
			return v.reveals(typedPassword, password), nil
		},
		ShowVerification: func(ctx context.Context, link core.Verification) error {
			v.user.Go(func() { v.open(ctx, link) })
			return nil
		},
	}
}

// open approves a device by the server's own page, which can go wrong as all others.
func (v *session) open(ctx context.Context, link core.Verification) {
	form := url.Values{"user_code": {link.UserCode}, "decision": {"approve"}, "user": {ssoUser}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, link.URI, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Errorf("the link %q: %v", link.URI, err)
		return
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if page, err := v.wire.RoundTrip(r); err == nil {
		_ = page.Body.Close()
	}
}
