package main_test

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/plugins"
	"github.com/taegis-go/taegis/ports/portstest"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

const (
	rootToken = "hvs.root"
	roleToken = "hvs.role"
	roleID    = "role"
	secretID  = "secret-id"
)

// fakeVault answers as Vault's API documentation says: KV version 2 at secret/ and team/, AppRole
// at approle/, a namespace.
type fakeVault struct {
	*httptest.Server

	mu      sync.Mutex
	sealed  bool
	live    map[string]bool // tokens
	revoked int
}

func newVault(t *testing.T) *fakeVault {
	v := &fakeVault{live: map[string]bool{rootToken: true}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/auth/approle/login", v.login)
	mux.HandleFunc("POST /v1/auth/token/revoke-self", v.authorised(v.revoke))
	mux.HandleFunc("GET /v1/{mount}/data/{path...}", v.authorised(v.read))
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v.mu.Lock()
		defer v.mu.Unlock()
		switch {
		case v.sealed:
			fail(w, http.StatusServiceUnavailable, "Vault is sealed")
		case r.Header.Get("X-Vault-Request") != "true":
			fail(w, http.StatusPreconditionFailed, "missing the X-Vault-Request header")
		default:
			mux.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(v.Close)
	return v
}

func fail(w http.ResponseWriter, status int, errors ...string) {
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]any{"errors": append([]string{}, errors...)})
}

func (v *fakeVault) login(w http.ResponseWriter, r *http.Request) {
	var asked map[string]string
	if json.NewDecoder(r.Body).Decode(&asked) != nil || asked["role_id"] != roleID || asked["secret_id"] != secretID {
		fail(w, http.StatusBadRequest, "invalid role or secret ID")
		return
	}
	v.live[roleToken] = true
	json.NewEncoder(w).Encode(map[string]any{"auth": map[string]any{"client_token": roleToken, "lease_duration": 2764800, "renewable": true}})
}

func (v *fakeVault) authorised(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !v.live[r.Header.Get("X-Vault-Token")] {
			fail(w, http.StatusForbidden, "permission denied")
			return
		}
		next(w, r)
	}
}

func (v *fakeVault) revoke(w http.ResponseWriter, r *http.Request) {
	delete(v.live, r.Header.Get("X-Vault-Token"))
	v.revoked++
	w.WriteHeader(http.StatusNoContent)
}

func (v *fakeVault) read(w http.ResponseWriter, r *http.Request) {
	client := map[string]any{"client_id": emulator.DemoClientID, "client_secret": emulator.DemoClientSecret, "port": 8080}
	answer := func(data map[string]any, deleted string) {
		json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{
			"data": data, "metadata": map[string]any{"version": 3, "destroyed": false, "deletion_time": deleted},
		}})
	}
	switch where := r.Header.Get("X-Vault-Namespace") + "|" + r.PathValue("mount") + "|" + r.PathValue("path"); where {
	case "|secret|taegis/loopback", "acme/|team|soc/taegis":
		answer(client, "")
	case "|secret|half":
		answer(map[string]any{"client_id": "x"}, "")
	case "|secret|wrong":
		answer(map[string]any{"client_id": emulator.DemoClientID, "client_secret": "wrong"}, "")
	case "|secret|deleted":
		w.WriteHeader(http.StatusNotFound)
		answer(nil, "2026-01-02T15:04:05Z")
	default:
		fail(w, http.StatusNotFound)
	}
}

func TestVault(t *testing.T) {
	program, server, vault := testutil.Build(t), taegistest.NewServer(t), newVault(t)
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<html>")) }))
	defer page.Close()
	sum, err := plugins.Checksum(program)
	if err != nil {
		t.Fatal(err)
	}
	prepare := func(t *testing.T, variables, settings map[string]string) (*plugins.Plugin, core.LoginRequest) {
		t.Helper()
		all := map[string]string{"VAULT_ADDR": vault.URL}
		maps.Copy(all, variables)
		p, err := plugins.New(plugins.Config{
			Name: "vault", Path: program, SHA256: []string{sum}, Settings: settings,
			Env: []string{"VAULT_ADDR", "VAULT_TOKEN", "VAULT_SECRET_ID", "VAULT_NAMESPACE"},
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.Close() })
		return p, core.LoginRequest{
			Environment: server.Environment,
			Lookup: func(name string) (core.Setting, bool) {
				value, ok := all[name]
				return core.Setting{Value: core.NewSecret(value), Variable: name}, ok
			},
		}
	}
	role := map[string]string{"role_id": roleID}
	token := map[string]string{"VAULT_TOKEN": rootToken}

	t.Run("conformance", func(t *testing.T) {
		portstest.Authenticator(t, func(t *testing.T) portstest.Login {
			authenticator, req := prepare(t, token, nil)
			return portstest.Login{Authenticator: authenticator, Request: req, Secrets: []string{emulator.DemoClientSecret, rootToken}}
		})
	})
	t.Run("AppRole", func(t *testing.T) {
		authenticator, req := prepare(t, map[string]string{"VAULT_SECRET_ID": secretID}, role)
		if _, err := authenticator.Authenticate(t.Context(), req); err != nil {
			t.Fatal(err)
		}
		vault.mu.Lock()
		defer vault.mu.Unlock()
		if vault.revoked != 1 || vault.live[roleToken] {
			t.Errorf("the token of the role lives on: %v, %d", vault.live, vault.revoked)
		}
	})
	t.Run("mount, path and namespace", func(t *testing.T) {
		authenticator, req := prepare(t, map[string]string{"VAULT_TOKEN": rootToken, "VAULT_NAMESPACE": "acme/"}, map[string]string{"mount": "team", "path": "soc/taegis"})
		if _, err := authenticator.Authenticate(t.Context(), req); err != nil {
			t.Fatal(err)
		}
	})
	for name, test := range map[string]struct {
		variables, settings map[string]string
		isUnavailable       bool
		refused             bool
		words               string
	}{
		"no address":             {variables: map[string]string{"VAULT_ADDR": ""}, isUnavailable: true, words: "VAULT_ADDR is not set"},
		"no way to log in":       {isUnavailable: true, words: "neither VAULT_TOKEN nor the setting role_id"},
		"half an AppRole":        {settings: role, words: "VAULT_SECRET_ID is not"},
		"plain http":             {variables: map[string]string{"VAULT_ADDR": "http://vault.acme.example:8200", "VAULT_TOKEN": rootToken}, words: "VAULT_ADDR cannot be used"},
		"no Vault":               {variables: map[string]string{"VAULT_ADDR": "http://127.0.0.1:1", "VAULT_TOKEN": rootToken}, words: "does not answer"},
		"a page of a proxy":      {variables: map[string]string{"VAULT_ADDR": page.URL, "VAULT_TOKEN": rootToken}, words: "the answer is not Vault's"},
		"a wrong token":          {variables: map[string]string{"VAULT_TOKEN": "hvs.wrong"}, refused: true, words: "403: permission denied"},
		"a wrong secret ID":      {variables: map[string]string{"VAULT_SECRET_ID": "wrong"}, settings: role, refused: true, words: "400: invalid role or secret ID"},
		"no secret":              {variables: token, settings: map[string]string{"path": "absent"}, words: "Vault answered 404"},
		"a deleted secret":       {variables: token, settings: map[string]string{"path": "deleted"}, words: "Vault answered 404"},
		"half a client":          {variables: token, settings: map[string]string{"path": "half"}, words: "half holds no client"},
		"a client that is wrong": {variables: token, settings: map[string]string{"path": "wrong"}, refused: true, words: "answered 401"},
	} {
		t.Run(name, func(t *testing.T) {
			authenticator, req := prepare(t, test.variables, test.settings)
			_, err := authenticator.Authenticate(t.Context(), req)
			if err == nil || errors.Is(err, core.ErrUnavailable) != test.isUnavailable || errors.Is(err, core.ErrDenied) != test.refused || !strings.Contains(err.Error(), test.words) || core.Hint(err) == "" {
				t.Errorf("the error is %v", err)
			}
		})
	}
	t.Run("sealed", func(t *testing.T) {
		vault.mu.Lock()
		vault.sealed = true
		vault.mu.Unlock()
		authenticator, req := prepare(t, token, nil)
		if _, err := authenticator.Authenticate(t.Context(), req); err == nil || !strings.Contains(err.Error(), "503: Vault is sealed") || errors.Is(err, core.ErrDenied) {
			t.Errorf("the error is %v", err)
		}
	})
}
