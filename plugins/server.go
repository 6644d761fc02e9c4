package plugins

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins/internal/contract"
	"github.com/taegis-go/taegis/ports"
)

// server is the plugin's side of the contract.
type server struct {
	contract.UnimplementedAuthenticatorServer

	authenticator ports.Authenticator
	broker        *goplugin.GRPCBroker
	version       int // of the contract that the host speaks
	web           web
}

// Describe says what the authenticator needs and what the program is.
func (s *server) Describe(context.Context, *contract.DescribeRequest) (*contract.DescribeResponse, error) {
	m := &contract.DescribeResponse{}
	if w, ok := s.authenticator.(Requirer); ok {
		requirements := w.Requirements()
		m.Settings, m.Env, m.Prompts = requirements.Settings, requirements.Env, requirements.Prompts
	}
	if s.version < versionAccounts {
		return &contract.DescribeResponse{Settings: m.GetSettings(), Env: m.GetEnv()}, nil
	}
	release := releaseOf(s.authenticator)
	m.Version, m.Vendor = valid(release.Version), valid(release.Vendor)
	_, m.Revokes = s.authenticator.(ports.Revoker)
	_, m.Accounts = s.authenticator.(ports.AccountResolver)
	return m, nil
}

// valid returns text as a message can hold it.
func valid(text string) string { return strings.ToValidUTF8(text, "\ufffd") }

// Account says which account Authenticate would log in to.
func (s *server) Account(ctx context.Context, m *contract.AccountRequest) (*contract.AccountResponse, error) {
	account, err := s.account(ctx, m.GetLogin())
	answer := &contract.AccountResponse{Account: account}
	if err != nil {
		answer.Failure = encodeFailure(err)
	}
	return answer, nil
}

func (s *server) account(ctx context.Context, m *contract.AuthenticateRequest) (string, error) {
	client, err := s.web.client(m.GetNetwork())
	if err != nil {
		return "", err
	}
	defer client.CloseIdleConnections()
	// The prompts are those of the login that may follow, so that Account says whether they will do.
	account, err := s.nameAccount(ctx, decodeLogin(m, client, remotePrompt(deafUser{}, m.GetAsking())))
	return said(account), err
}

// nameAccount asks the authenticator for its account, and whether it can try. There may be an account
// of one that cannot.
func (s *server) nameAccount(ctx context.Context, req core.LoginRequest) (core.Account, error) {
	account, err := s.authenticator.Account(ctx, req)
	if r, ok := s.authenticator.(ports.AccountResolver); ok {
		var unresolved error
		if account, unresolved = r.ResolveAccount(ctx, req); err == nil {
			err = unresolved
		}
	}
	return account, err
}

// said is what the host is told of an account. Any user is whichever the host's settings mean.
func said(account core.Account) string {
	if account == core.AnyUserAccount {
		return ""
	}
	return valid(string(account))
}

// Authenticate logs in, and puts what came of it into the answer.
func (s *server) Authenticate(ctx context.Context, m *contract.AuthenticateRequest) (*contract.AuthenticateResponse, error) {
	state := &kept{stored: m.GetState()}
	token, account, err := s.authenticate(ctx, m, state)
	switch {
	case err != nil:
	case token.IsZero():
		err = errors.New("the authenticator returned neither a token nor an error")
	case !utf8.ValidString(token.AccessToken.Reveal()):
		err = errors.New("the authenticator returned a token that no header can hold")
	}
	answer := &contract.AuthenticateResponse{State: state.changed()}
	if err != nil {
		failure := encodeFailure(err)
		if s.version < versionAccounts {
			failure.Cause = nil
		}
		answer.Outcome = &contract.AuthenticateResponse_Failure{Failure: failure}
		return answer, nil
	}
	sent := &contract.Token{AccessToken: token.AccessToken.Reveal()}
	if !token.Expiry.IsZero() {
		sent.Expiry = timestamppb.New(token.Expiry)
	}
	answer.Outcome = &contract.AuthenticateResponse_Token{Token: sent}
	if s.version >= versionAccounts {
		answer.Account = account
	}
	return answer, nil
}

func (s *server) authenticate(ctx context.Context, m *contract.AuthenticateRequest, state *kept) (core.Token, string, error) {
	client, err := s.web.client(m.GetNetwork())
	if err != nil {
		return core.Token{}, "", err
	}
	defer client.CloseIdleConnections()
	prompt, hangUp, err := dialPromptServer(s.broker, m.GetAsking())
	if err != nil {
		return core.Token{}, "", err
	}
	defer hangUp()
	req := decodeLogin(m, client, prompt)
	req.State = state.state()
	// An authenticator may say here that it cannot try, and leave it at that.
	account, err := s.nameAccount(ctx, req)
	if err != nil {
		return core.Token{}, "", err
	}
	token, err := s.authenticator.Authenticate(ctx, req)
	if err == nil && said(account) != "" && token.Account != "" && token.Account != account {
		err = &core.LoginError{
			Reason:   "it returned a token of another account than the one that it announced",
			HintText: "log in again, and leave the account as it is meanwhile",
		}
	}
	return token, said(account), err
}

// Revoke tells the authenticator that a token was dropped.
func (s *server) Revoke(ctx context.Context, m *contract.RevokeRequest) (*contract.RevokeResponse, error) {
	revoker, ok := s.authenticator.(ports.Revoker)
	if !ok {
		return &contract.RevokeResponse{}, nil
	}
	client, err := s.web.client(m.GetLogin().GetNetwork())
	if err == nil {
		defer client.CloseIdleConnections()
		req := decodeLogin(m.GetLogin(), client, core.Prompt{})
		req.State = (&kept{stored: m.GetLogin().GetState()}).state()
		err = revoker.Revoke(ctx, req, core.Token{AccessToken: core.NewSecret(m.GetAccessToken())})
	}
	if err != nil {
		return &contract.RevokeResponse{Failure: encodeFailure(err)}, nil
	}
	return &contract.RevokeResponse{}, nil
}

// decodeLogin is the request as the authenticator sees it.
func decodeLogin(m *contract.AuthenticateRequest, client *http.Client, prompt core.Prompt) core.LoginRequest {
	env := m.GetEnvironment()
	settings := map[string]core.Setting{}
	for _, s := range m.GetSettings() {
		settings[s.GetName()] = core.Setting{Value: core.NewSecret(s.GetValue()), Variable: s.GetVariable(), NamedBy: s.GetNamedBy()}
	}
	return core.LoginRequest{
		Environment: core.Environment{
			Name: env.GetName(), Canonical: env.GetCanonical(), Aliases: env.GetAliases(),
			APIURL: env.GetApiUrl(), AuthURL: env.GetAuthUrl(), TenantsURL: env.GetTenantsUrl(),
			Universal: env.GetUniversal(), Platform: core.Platform(env.GetPlatform()),
		},
		HomeEnvironment: m.GetHomeEnvironment(),
		HomePlatform:    core.Platform(m.GetHomePlatform()),
		UserAgent:       m.GetUserAgent(),
		Username:        m.GetUsername(),
		Rejected:        m.GetRejected(),

		Prompt:         prompt,
		NonInteractive: m.GetAsking().GetNonInteractive(),
		Lookup: func(name string) (core.Setting, bool) {
			s, ok := settings[name]
			if !ok {
				s.Variable = name
			}
			return s, ok
		},
		HTTP:    client,
		Timeout: m.GetTimeout().AsDuration(),
		Retry:   core.RetryLimits{MaxTries: int(m.GetMaxTries()), MaxTime: m.GetMaxTime().AsDuration()},
		Now:     time.Now,
	}
}
