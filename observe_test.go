package taegis_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/audit"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// observed collects events, and fails those of one kind.
type observed struct {
	events []core.LoginEvent
	fails  core.LoginEventKind
}

var errUnobserved = errors.New("the log is full")

func (o *observed) ObserveLogin(_ context.Context, e core.LoginEvent) error {
	o.events = append(o.events, e)
	if e.Kind == o.fails {
		return errUnobserved
	}
	return nil
}

// kinds returns the events as "KIND AUTHENTICATOR CODE".
func (o *observed) kinds() (list []string) {
	for _, e := range o.events {
		list = append(list, strings.TrimSpace(string(e.Kind)+" "+e.Authenticator+" "+core.ReasonCode(e.Err)))
	}
	return list
}

func observedClient(t *testing.T, server *emulator.Server, store *tokenstore.Memory, options ...taegis.Option) *taegis.Client {
	t.Helper()
	client, err := taegis.New(append([]taegis.Option{
		taegis.WithBaseURL(server.URL), taegis.WithTokenStore(store), taegis.WithNonInteractive("it is a test"), taegis.WithTenant("145831"),
		taegis.WithAuthenticators(&authn.StaticToken{}, &authn.ClientCredentials{ID: emulator.DemoClientID, Secret: core.NewSecret(emulator.DemoClientSecret)}),
	}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

func TestObservedLogins(t *testing.T) {
	server := taegistest.NewServer(t)
	store := &tokenstore.Memory{}
	o := &observed{}
	client := observedClient(t, server, store, taegis.WithLoginObserver(o))
	if _, err := client.Token(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Token(t.Context()); err != nil { // no event
		t.Fatal(err)
	}
	if _, err := client.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := client.ClearTokens(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"authenticator-skipped access-token unavailable", "login client-credentials ok",
		"authenticator-skipped access-token unavailable", "login client-credentials ok", "logout  ok",
	}
	if got := o.kinds(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if e := o.events[1]; e.Environment != "charlie" || e.Tenant != "145831" || e.Account == "" || e.Expiry.IsZero() || e.Time.IsZero() {
		t.Errorf("%+v", e)
	}
	// A stored token is no login.
	if _, err := client.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	other := &observed{}
	if _, err := observedClient(t, server, store, taegis.WithLoginObserver(other)).Token(t.Context()); err != nil || len(other.events) > 0 {
		t.Errorf("%v, %q", err, other.kinds())
	}
}

// A login whose event cannot be observed gives no token, and stores none.
func TestUnobservedLogin(t *testing.T) {
	server := taegistest.NewServer(t)
	store := &tokenstore.Memory{}
	client := observedClient(t, server, store, taegis.WithLoginObserver(&observed{fails: core.EventLogin}))
	_, err := client.Token(t.Context())
	if login, ok := errors.AsType[*core.LoginError](err); !ok || !errors.Is(err, errUnobserved) || !strings.Contains(login.Reason, "could not be recorded") {
		t.Errorf("Token: %v", err)
	}
	for key := range store.List(t.Context()) {
		t.Errorf("a token of %v is stored", key)
	}
	if err := observedClient(t, server, store, taegis.WithLoginObserver(&observed{fails: core.EventLogout})).ClearTokens(t.Context()); err != nil {
		t.Errorf("ClearTokens: %v", err)
	}
}

// New does not ignore TAEGIS_AUDIT_LOG.
func TestAuditLogOfTheEnvironment(t *testing.T) {
	server := taegistest.NewServer(t)
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	variables := map[string]string{audit.Variable: path}
	find := func(name string) (string, bool) { value, ok := variables[name]; return value, ok }
	_, err := taegis.New(taegis.WithLookupEnv(find))
	if setting, ok := errors.AsType[*core.SettingError](err); !ok || setting.Setting != audit.Variable || core.Hint(err) == "" {
		t.Errorf("New: %v", err)
	}
	log, err := audit.FromEnvironment(find, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	client := observedClient(t, server, &tokenstore.Memory{}, taegis.WithLookupEnv(find), taegis.WithLoginObserver(log))
	if _, err := client.Token(t.Context()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), `"event":"login","result":"success"`) || strings.Contains(string(text), emulator.DemoClientSecret) {
		t.Errorf("%s, %v", text, err)
	}
	required := &audit.Log{Target: filepath.Join(path, "no-folder"), Required: true}
	_, err = observedClient(t, server, &tokenstore.Memory{}, taegis.WithLoginObserver(required)).Token(t.Context())
	if err == nil || core.Hint(err) == "" || strings.Count(err.Error(), core.Hint(err)) != 1 {
		t.Errorf("a required log that cannot be written: %v", err)
	}
	variables[audit.Variable] = "somewhere"
	if _, err := audit.FromEnvironment(find, nil); err == nil {
		t.Error("a target that is none is accepted")
	}
}
