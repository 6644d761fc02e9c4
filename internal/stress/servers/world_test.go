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
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// The identities of the cases, whose secrets can be told from any other text.
const (
	clientID     = "stress-client"
	clientSecret = "Secret/of+the:client-7d1f"
	ssoUser      = "ann@sso.example.com"
	plainUser    = "bob@example.com"
	mfaUser      = "carol@example.com"
	password     = "Password\"of<people>-93ab"
	mfaCode      = "code-of-a-device-55e0"
)

// world is a server that one client at a time has to itself, so that its faults are those that the client meets.
type world struct {
	*emulator.Emulator
	t           testing.TB
	network     network
	environment core.Environment
	wire        *http.Transport
	connections connections
	folder      string
	end         func()

	mu       sync.Mutex
	keys     int
	executed map[string]int // by operation and key
}

// alone makes sure that neither the machine nor earlier clients have a part in what becomes of calls, and that
// net/http does not print what a server sends unasked.
func alone(t testing.TB) {
	t.Helper()
	for _, name := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} { // where repairs are remembered
		t.Setenv(name, "")
	}
	was := log.Writer()
	log.SetOutput(io.Discard)
	t.Cleanup(func() { log.SetOutput(was) })
}

func newWorld(t testing.TB, n network) *world {
	t.Helper()
	w := &world{t: t, network: n, connections: connections{closed: make(chan struct{}, 1)}, folder: t.TempDir(), executed: map[string]int{}}
	w.Emulator = emulator.New(emulator.Config{
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
	w.wire = &http.Transport{DialContext: w.connections.counted(dial)}
	return w
}

// keyPrefix begins the argument that tells a call from all others.
const keyPrefix = "key-"

// key returns a key that no other call has.
func (w *world) key() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keys++
	return fmt.Sprintf("%s%d", keyPrefix, w.keys)
}

func (w *world) execute(operation string, arguments map[string]any) {
	for _, value := range arguments {
		if key, ok := value.(string); ok && strings.HasPrefix(key, keyPrefix) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.executed[operation+" "+key]++
			return
		}
	}
}

// executions is how often a call of an operation has taken effect.
func (w *world) executions(operation, key string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.executed[operation+" "+key]
}

// visit is a client that signs in anew.
type visit struct {
	*taegis.Client
	*world
	http   *http.Client
	person sync.WaitGroup // who opens the link

	mu      sync.Mutex
	log     bytes.Buffer
	heard   *bytes.Buffer     // the latest answer to a call
	secrets map[string]string // that the server may have seen
}

// enter opens a client that signs in by one link.
func (w *world) enter(link ports.Authenticator) *visit {
	v := &visit{world: w, secrets: map[string]string{}}
	v.http = &http.Client{Transport: v}
	client, err := taegis.New(
		taegis.WithCustomEnvironment(w.environment), taegis.WithAuthenticators(link), taegis.WithHTTPClient(v.http),
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
func (v *visit) leave() int {
	if err := v.Close(); err != nil {
		v.t.Error(err)
	}
	v.person.Wait()
	v.ClearFaults()
	v.wire.CloseIdleConnections()
	return v.connections.drain()
}

// What a person types.
const (
	typedPassword = "the password"
	typedCode     = "the code"
)

// reveals notes a secret that is about to be sent.
func (v *visit) reveals(name, secret string) core.Secret {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.secrets[name] = secret
	return core.NewSecret(secret)
}

// RoundTrip notes the token that a request carries.
func (v *visit) RoundTrip(r *http.Request) (*http.Response, error) {
	_, token, calls := strings.Cut(r.Header.Get("Authorization"), "Bearer ")
	if calls {
		v.reveals("the access token "+token[len(token)-4:], token)
	}
	if _, _, ok := r.BasicAuth(); ok {
		v.reveals("the client's secret", clientSecret)
	}
	answer, err := v.wire.RoundTrip(r)
	if calls && err == nil && answer.StatusCode == http.StatusOK {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.heard = &bytes.Buffer{}
		answer.Body = &overheard{answer.Body, v.heard}
	}
	return answer, err
}

// overheard is the body of an answer that somebody listens to.
type overheard struct {
	io.ReadCloser
	heard *bytes.Buffer
}

// Read reads.
func (o *overheard) Read(p []byte) (int, error) {
	n, err := o.ReadCloser.Read(p)
	o.heard.Write(p[:n])
	return n, err
}

// forget forgets what earlier calls were answered, and what they made the person type: of an answer that repeats
// it much later, nobody can know that it does.
func (v *visit) forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.heard = nil
	delete(v.secrets, typedPassword)
	delete(v.secrets, typedCode)
}

// complained reports whether there are errors in the latest answer with status 200.
func (v *visit) complained() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	var answer struct{ Errors []any }
	return v.heard != nil && json.Unmarshal(v.heard.Bytes(), &answer) == nil && len(answer.Errors) > 0
}

// Write takes the log.
func (v *visit) Write(line []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.log.Write(line)
}

// prompt is a person who knows everything, and opens links.
func (v *visit) prompt() core.Prompt {
	return core.Prompt{
		AskText: func(context.Context, string) (string, error) { return ssoUser, nil },
		AskSecret: func(_ context.Context, label string) (core.Secret, error) {
			if strings.Contains(label, "code") {
				return v.reveals(typedCode, mfaCode), nil
			}
			return v.reveals(typedPassword, password), nil
		},
		ShowLink: func(ctx context.Context, link core.Link) error {
			v.person.Go(func() { v.open(ctx, link) })
			return nil
		},
	}
}

// open approves a device by the server's own page, which can go wrong as all others.
func (v *visit) open(ctx context.Context, link core.Link) {
	form := url.Values{"user_code": {link.Code}, "decision": {"approve"}, "user": {ssoUser}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, link.URL, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Errorf("the link %q: %v", link.URL, err)
		return
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if page, err := v.wire.RoundTrip(r); err == nil {
		_ = page.Body.Close()
	}
}

// way is how a client signs in, and who it is then.
type way struct {
	name  string
	link  ports.Authenticator
	older bool
	who   string
}

var ways = []way{
	{"client credentials", theClient, false, clientID},
	{"password", &authn.Password{Username: plainUser}, false, plainUser},
	{"password, older endpoints", &authn.Password{Username: plainUser}, true, plainUser},
	{"password and code", &authn.Password{Username: mfaUser}, false, mfaUser},
	{"password and code, older endpoints", &authn.Password{Username: mfaUser}, true, mfaUser},
	{"device code", &authn.DeviceCode{}, false, ssoUser},
	{"device code, older endpoints", &authn.DeviceCode{}, true, ssoUser},
	{"user name, then the server's choice", &authn.UserLogin{}, false, ssoUser},
	{"user name, then the server's choice, older endpoints", &authn.UserLogin{}, true, ssoUser},
}

var theClient = &authn.ClientCredentials{ID: clientID, Secret: core.NewSecret(clientSecret)}
