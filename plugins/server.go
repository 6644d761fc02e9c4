package plugins

import (
	"context"
	"errors"
	"net/http"
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
	web           web
}

// Describe says what the authenticator looks up.
func (s *server) Describe(context.Context, *contract.DescribeRequest) (*contract.DescribeResponse, error) {
	w, ok := s.authenticator.(Requirer)
	if !ok {
		return &contract.DescribeResponse{}, nil
	}
	requirements := w.Requirements()
	return &contract.DescribeResponse{Settings: requirements.Settings, Env: requirements.Env}, nil
}

// Authenticate logs in, and puts what came of it into the answer.
func (s *server) Authenticate(ctx context.Context, m *contract.AuthenticateRequest) (*contract.AuthenticateResponse, error) {
	token, err := s.authenticate(ctx, m)
	switch {
	case err != nil:
	case token.IsZero():
		err = errors.New("the authenticator returned neither a token nor an error")
	case !utf8.ValidString(token.AccessToken.Reveal()):
		err = errors.New("the authenticator returned a token that no header can hold")
	}
	if err != nil {
		return &contract.AuthenticateResponse{Outcome: &contract.AuthenticateResponse_Failure{Failure: encodeFailure(err)}}, nil
	}
	sent := &contract.Token{AccessToken: token.AccessToken.Reveal()}
	if !token.Expiry.IsZero() {
		sent.Expiry = timestamppb.New(token.Expiry)
	}
	return &contract.AuthenticateResponse{Outcome: &contract.AuthenticateResponse_Token{Token: sent}}, nil
}

func (s *server) authenticate(ctx context.Context, m *contract.AuthenticateRequest) (core.Token, error) {
	client, err := s.web.client(m.GetNetwork())
	if err != nil {
		return core.Token{}, err
	}
	defer client.CloseIdleConnections()
	prompt, hangUp, err := dialPromptServer(s.broker, m.GetAsking())
	if err != nil {
		return core.Token{}, err
	}
	defer hangUp()
	req := decodeLogin(m, client, prompt)
	// An authenticator may say here that it cannot try, and leave it at that.
	if _, err := s.authenticator.Account(ctx, req); err != nil {
		return core.Token{}, err
	}
	return s.authenticator.Authenticate(ctx, req)
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
