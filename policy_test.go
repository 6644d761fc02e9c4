package taegis_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/fileperm"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// setPolicy gives the machine a policy for a test.
func setPolicy(t *testing.T, lines ...string) {
	t.Helper()
	folder := t.TempDir()
	t.Cleanup(fileperm.ReplaceSystemFolder(folder))
	text := strings.Join(append([]string{"version = 1"}, lines...), "\n")
	if err := os.WriteFile(filepath.Join(folder, "policy.toml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// wantPolicy fails the test unless err names a key of the policy.
func wantPolicy(t *testing.T, err error, key string) {
	t.Helper()
	if fault, ok := errors.AsType[*core.PolicyError](err); !ok || fault.Key != key || core.Hint(err) == "" {
		t.Errorf("the error is %v, want one of the key %q", err, key)
	}
}

// nameless is an authenticator of a program, without a name.
type nameless struct{}

func (n *nameless) Account(context.Context, core.LoginRequest) (core.Account, error) {
	return "", nil
}

// mine is one with a name.
type mine struct{ ports.Authenticator }

func (mine) Name() string { return "mine" }

func (n *nameless) Authenticate(context.Context, core.LoginRequest) (core.Token, error) {
	return core.NewToken("opaque", time.Time{}), nil
}

// TestAChainGoesOnWithWhatThePolicyAllows logs in by the second method and explains why.
func TestAChainGoesOnWithWhatThePolicyAllows(t *testing.T) {
	setPolicy(t, `methods = ["client-credentials"]`, `hosts = ["127.0.0.1"]`)
	d := newLoginServer(t)
	d.asClient()
	client := d.client(t, taegis.WithAuthenticators(&authn.DeviceCode{}, &authn.ClientCredentials{}))
	token, err := client.Token(t.Context())
	if err != nil || !strings.HasPrefix(string(token.Account), "client-credentials/") {
		t.Fatalf("%+v, %v", token, err)
	}
	steps, err := client.Explain(t.Context())
	if err != nil || len(steps) != 2 {
		t.Fatalf("%+v, %v", steps, err)
	}
	if s := steps[0]; s.Authenticator != "sso" || s.Account != "" || s.EndsChain() {
		t.Errorf("%+v", s)
	}
	wantPolicy(t, steps[0].Err, "methods")
	d.wantCount(t, deviceRoute, 0)
}

// TestNoTokenOfAnExcludedMethodIsUsed logs in before there is a policy.
func TestNoTokenOfAnExcludedMethodIsUsed(t *testing.T) {
	d := newLoginServer(t)
	d.asClient()
	store := &tokenstore.Memory{}
	if _, err := d.client(t, taegis.WithTokenStore(store)).Token(t.Context()); err != nil {
		t.Fatal(err)
	}
	setPolicy(t, `methods = ["sso"]`, `hosts = ["127.0.0.1"]`)
	for name, chain := range map[string][]ports.Authenticator{
		"the same":    {&authn.ClientCredentials{}},
		"no name":     {&nameless{}},
		"own name":    {mine{&authn.ClientCredentials{}}},
		"the default": {&authn.StaticToken{}, &authn.ClientCredentials{}, &authn.Interactive{}},
	} {
		token, err := d.client(t, taegis.WithTokenStore(store), taegis.WithAuthenticators(chain...)).Token(t.Context())
		if !token.IsZero() {
			t.Errorf("%s: there is a token of %s", name, token.Account)
		}
		wantPolicy(t, err, "methods")
	}
	setPolicy(t, `methods = ["*taegis_test.nameless"]`, `hosts = ["127.0.0.1"]`)
	if _, err := d.client(t, taegis.WithTokenStore(store), taegis.WithAuthenticators(&nameless{})).Token(t.Context()); err != nil {
		t.Errorf("by its type: %v", err)
	}
}

// TestAnAccessTokenEndsTheChainIfThePolicyDoesNotAllowIt does not log in to another account instead.
func TestAnAccessTokenEndsTheChainIfThePolicyDoesNotAllowIt(t *testing.T) {
	for key, lines := range map[string][]string{
		"access-token": {`access-token = false`},
		"methods":      {`methods = ["client-credentials"]`},
	} {
		setPolicy(t, append(lines, `hosts = ["127.0.0.1"]`)...)
		d := newLoginServer(t)
		d.asClient()
		if _, err := d.client(t).Token(t.Context()); err != nil {
			t.Errorf("without a token in the environment: %v", err)
		}
		d.env[core.SettingAccessToken] = d.Token(emulator.DemoUser)
		_, err := d.client(t).Token(t.Context())
		wantPolicy(t, err, key)
		if err != nil && errors.Is(err, core.ErrUnavailable) {
			t.Errorf("the chain goes on: %v", err)
		}
	}
}

// TestTokenStoresOfThePolicy opens clients with each store of this module.
func TestTokenStoresOfThePolicy(t *testing.T) {
	setPolicy(t, `token-stores = ["encrypted-file"]`)
	sealed, err := keyring.New(keyring.EncryptedFile, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		options []taegis.Option
		denied  bool
	}{
		"the default":    {nil, true},
		"file":           {[]taegis.Option{taegis.WithTokenStore(&tokenstore.File{Path: filepath.Join(t.TempDir(), "x")})}, true},
		"keyring":        {[]taegis.Option{taegis.WithTokenStore(&keyring.Store{})}, true},
		"wrapped":        {[]taegis.Option{taegis.WithTokenStore(struct{ ports.TokenStore }{&tokenstore.Memory{}})}, true},
		"memory":         {[]taegis.Option{taegis.WithTokenStore(&tokenstore.Memory{})}, false},
		"encrypted file": {[]taegis.Option{taegis.WithTokenStore(sealed)}, false},
	} {
		client, err := taegis.New(append(in(t, nil), c.options...)...)
		if !c.denied && err != nil {
			t.Errorf("%s: %v", name, err)
		} else if c.denied {
			wantPolicy(t, err, "token-stores")
		}
		if client != nil {
			_ = client.Close()
		}
	}
}

// TestEnvironmentsOfThePolicy chooses environments by options, variables and contexts.
func TestEnvironmentsOfThePolicy(t *testing.T) {
	setPolicy(t, `environments = ["us1"]`)
	for name, c := range map[string]struct {
		env     map[string]string
		options []taegis.Option
		key     string
	}{
		"the default":      {},
		"an alias":         {options: []taegis.Option{taegis.WithEnvironment("production")}},
		"universal":        {options: []taegis.Option{taegis.WithUniversalAuth()}},
		"another":          {options: []taegis.Option{taegis.WithEnvironment("us2")}, key: "environments"},
		"by a variable":    {env: map[string]string{"TAEGIS_ENVIRONMENT": "us2"}, key: "environments"},
		"a base URL":       {options: []taegis.Option{taegis.WithBaseURL("https://x.example")}, key: "hosts"},
		"a URL's variable": {env: map[string]string{"TAEGIS_API_URL": "https://x.example"}, key: "hosts"},
	} {
		_, err := taegis.New(append(in(t, c.env), c.options...)...)
		if c.key == "" && err != nil {
			t.Errorf("%s: %v", name, err)
		} else if c.key != "" {
			wantPolicy(t, err, c.key)
		}
	}
	client, err := taegis.New(in(t, nil)...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	_, err = client.Token(taegis.ContextWithEnvironment(t.Context(), "us2"))
	wantPolicy(t, err, "environments")
	custom, err := core.NewEnvironment("us1", "https://x.example")
	if err != nil {
		t.Fatal(err)
	}
	op := &core.Operation{Name: "currentSubject", Kind: core.KindQuery}
	wantPolicy(t, client.Execute(t.Context(), &core.Request{Operation: op, Document: "query currentSubject { currentSubject { id } }", Environment: custom}, nil), "hosts")
}

// TestAnInvalidPolicyAllowsNoClient closes.
func TestAnInvalidPolicyAllowsNoClient(t *testing.T) {
	setPolicy(t, `method = ["sso"]`)
	_, err := taegis.New(in(t, nil)...)
	wantPolicy(t, err, "")
}
