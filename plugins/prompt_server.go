package plugins

import (
	"context"
	"errors"
	"net/url"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/netaddr"
	"github.com/taegis-go/taegis/internal/text"
	"github.com/taegis-go/taegis/plugins/internal/contract"
)

// turn is held during a prompt: a process has one terminal, and its plugins share it.
var turn = make(chan struct{}, 1)

// promptServer implements the service Prompt of the contract in the host, for one login.
type promptServer struct {
	contract.UnimplementedPromptServer

	name   string // the label of the plugin's texts
	prompt core.Prompt
	clock  *clock
	told   func(core.Secret) // is called with each secret that the plugin gets
}

func (p *promptServer) asking(id uint32) *contract.Asking {
	return &contract.Asking{
		Prompt:           id,
		ShowVerification: p.prompt.ShowVerification != nil,
		AskText:          p.prompt.AskText != nil,
		AskSecret:        p.prompt.AskSecret != nil,
		Notify:           true,
		Countdown:        p.prompt.Countdown != nil,
	}
}

// atTurn runs ask when no other prompt is open.
func (p *promptServer) atTurn(ctx context.Context, ask func() error) error {
	p.clock.change(0, +1)
	select {
	case turn <- struct{}{}:
		p.clock.change(+1, -1)
	case <-ctx.Done():
		p.clock.change(0, -1)
		return status.FromContextError(ctx.Err()).Err()
	}
	err := ask()
	p.clock.change(-1, 0)
	<-turn
	switch {
	case err == nil:
		return nil
	case errors.Is(err, core.ErrCancelled):
		return status.Error(codes.Aborted, "the user cancelled")
	case ctx.Err() != nil:
		return status.FromContextError(ctx.Err()).Err()
	}
	return status.Error(codes.Unavailable, "the prompt failed")
}

// ShowVerification shows a verification page. After it the plugin waits for the user, without
// further calls.
func (p *promptServer) ShowVerification(ctx context.Context, m *contract.ShowVerificationRequest) (*contract.Done, error) {
	if p.prompt.ShowVerification == nil {
		return nil, status.Error(codes.Unimplemented, "the host cannot show a verification page")
	}
	page := core.Verification{URI: m.GetUrl(), UserCode: text.Short(m.GetCode(), maxCode)}
	if m.GetExpires().IsValid() {
		page.ExpiresAt = m.GetExpires().AsTime()
	}
	if !showable(page.URI) {
		return nil, status.Error(codes.InvalidArgument, "the verification URI has to begin with https://")
	}
	err := p.atTurn(ctx, func() error {
		p.notify(ctx, p.label("open this page to log in:"))
		return p.prompt.ShowVerification(ctx, page)
	})
	if err != nil {
		return nil, err
	}
	p.clock.change(+1, 0)
	return &contract.Done{}, nil
}

// notify shows message if the prompt can.
func (p *promptServer) notify(ctx context.Context, message string) {
	core.LoginRequest{Prompt: p.prompt}.Notify(ctx, message)
}

// AskText asks for a line.
func (p *promptServer) AskText(ctx context.Context, m *contract.AskRequest) (*contract.AskResponse, error) {
	if p.prompt.AskText == nil {
		return nil, status.Error(codes.Unimplemented, "the host cannot prompt")
	}
	var answer string
	err := p.atTurn(ctx, func() (err error) {
		answer, err = p.prompt.AskText(ctx, p.label(m.GetLabel())+" ")
		return err
	})
	return &contract.AskResponse{Answer: answer}, err
}

// AskSecret asks for a line that is not shown.
func (p *promptServer) AskSecret(ctx context.Context, m *contract.AskRequest) (*contract.AskResponse, error) {
	if p.prompt.AskSecret == nil {
		return nil, status.Error(codes.Unimplemented, "the host cannot prompt for a secret")
	}
	var answer core.Secret
	err := p.atTurn(ctx, func() (err error) {
		answer, err = p.prompt.AskSecret(ctx, p.label(m.GetLabel())+" ")
		return err
	})
	p.told(answer)
	return &contract.AskResponse{Answer: answer.Reveal()}, err
}

// Notify shows a message between prompts.
func (p *promptServer) Notify(ctx context.Context, m *contract.NotifyRequest) (*contract.Done, error) {
	err := p.atTurn(ctx, func() error {
		p.notify(ctx, p.label(m.GetMessage()))
		return nil
	})
	return &contract.Done{}, err
}

// Countdown shows the time that is left, unless a question stands there.
func (p *promptServer) Countdown(ctx context.Context, m *contract.CountdownRequest) (*contract.Done, error) {
	if p.prompt.Countdown == nil {
		return &contract.Done{}, nil
	}
	select {
	case turn <- struct{}{}:
		p.prompt.Countdown(ctx, max(0, m.GetLeft().AsDuration()))
		<-turn
	default:
	}
	return &contract.Done{}, nil
}

// The longest text that a plugin may put before a user, in characters, and the longest code
// and address.
const (
	maxLabel   = 300
	maxCode    = 64
	maxAddress = 2048
)

// label begins a text with the plugin's name, so that a plugin cannot imitate the SDK, and removes
// control characters.
func (p *promptServer) label(said string) string {
	return "[" + p.name + "] " + text.Short(said, maxLabel)
}

// showable reports whether the user's browser may be opened with an address.
func showable(address string) bool {
	u, err := url.Parse(address)
	if err != nil || len(address) > maxAddress || text.Short(address, maxAddress) != address || u.User != nil {
		return false
	}
	return u.Scheme == "https" && u.Hostname() != "" || u.Scheme == "http" && netaddr.IsLoopback(u.Hostname())
}
