package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/taegis-go/taegis/core"
)

const (
	// maxAnswer bounds what is read of an answer, in bytes; Vault's secrets are smaller.
	maxAnswer = 1 << 20
	// logoutTimeout is the timeout of a logout, which no caller waits for.
	logoutTimeout = 2 * time.Second
)

// vault speaks Vault's HTTP API (developer.hashicorp.com/vault/api-docs), as far as it is needed.
type vault struct {
	address   *url.URL
	namespace string
	token     string
	client    *http.Client
}

func newVault(address, namespace string, client *http.Client) (*vault, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
		return nil, &core.LoginError{Reason: settingAddress + " cannot be used", HintText: "it has to start with https://, but for loopback"}
	}
	return &vault{address: u, namespace: namespace, client: client}, nil
}

// isLoopback reports whether a host is this machine.
func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// logIn gets a token for an AppRole (auth/approle/login).
func (v *vault) logIn(ctx context.Context, mount, role, secret string) error {
	var answer struct {
		Auth struct {
			ClientToken string `json:"client_token"`
		} `json:"auth"`
	}
	body := map[string]string{"role_id": role, "secret_id": secret}
	if err := v.do(ctx, http.MethodPost, body, &answer, "auth", mount, "login"); err != nil {
		return err
	}
	v.token = answer.Auth.ClientToken
	return nil
}

// logOut takes the AppRole's token back (auth/token/revoke-self), which otherwise lives for a
// month. Where that fails, it does.
func (v *vault) logOut(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), logoutTimeout)
	defer cancel()
	_ = v.do(ctx, http.MethodPost, nil, nil, "auth", "token", "revoke-self")
}

// read reads the latest version of a secret (MOUNT/data/PATH of KV version 2). Of its values it
// returns those that are strings.
func (v *vault) read(ctx context.Context, mount, path string) (map[string]string, error) {
	var answer struct {
		Data struct {
			Data map[string]any `json:"data"`
		} `json:"data"`
	}
	if err := v.do(ctx, http.MethodGet, nil, &answer, mount, "data", path); err != nil {
		return nil, err
	}
	secret := map[string]string{}
	for key, value := range answer.Data.Data {
		if s, ok := value.(string); ok {
			secret[key] = s
		}
	}
	return secret, nil
}

// do sends a request below /v1 and decodes the answer into out, unless that is nil.
func (v *vault) do(ctx context.Context, method string, body, out any, path ...string) error {
	var sent io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		sent = bytes.NewReader(text)
	}
	where := strings.Join(path, "/")
	r, err := http.NewRequestWithContext(ctx, method, v.address.JoinPath("v1", where).String(), sent)
	if err != nil {
		return &core.LoginError{Reason: "Vault has no such path: " + where, HintText: "correct the settings of the plugin"}
	}
	r.Header.Set("X-Vault-Request", "true") // Vault's agents may insist on it
	if v.token != "" {
		r.Header.Set("X-Vault-Token", v.token)
	}
	if v.namespace != "" {
		r.Header.Set("X-Vault-Namespace", v.namespace)
	}
	res, err := v.client.Do(r)
	if err != nil {
		return &core.LoginError{
			Reason: "Vault does not answer", HintText: "check " + settingAddress + " and the network",
			Err: &core.ConnectionError{Operation: where, Host: v.address.Host, Err: err},
		}
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil || res.StatusCode < 200 || res.StatusCode > 299 {
		return v.failure(res.StatusCode, where, text)
	}
	if out != nil && json.Unmarshal(text, out) != nil {
		return &core.LoginError{Reason: where + ": the answer is not Vault's", HintText: "check " + settingAddress, Status: res.StatusCode}
	}
	return nil
}

// failure says what Vault says, which never repeats a secret, and what that usually means.
func (v *vault) failure(status int, where string, text []byte) error {
	var answer struct {
		Errors []string `json:"errors"`
	}
	_ = json.Unmarshal(text, &answer) // a proxy's page has none
	e := &core.LoginError{
		Reason:   fmt.Sprintf("%s: Vault answered %d", where, status),
		HintText: "try again later",
		Status:   status,
	}
	if len(answer.Errors) > 0 {
		e.Reason += ": " + strings.Join(answer.Errors, "; ")
	}
	switch status {
	case http.StatusBadRequest, http.StatusForbidden:
		e.Denied = true
		e.HintText = "check " + settingToken + ", or the role and " + settingSecretID + ", and the policy"
	case http.StatusNotFound:
		e.HintText = "check mount and path, and that the latest version of the secret is not deleted"
	}
	return e
}
