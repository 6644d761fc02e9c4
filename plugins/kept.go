package plugins

import (
	"context"
	"errors"
	"sync"

	"google.golang.org/grpc"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins/internal/contract"
)

// kept is the state of one login in the plugin. The host keeps it, so a change goes with the answer.
type kept struct {
	stored *contract.State // nil if the host can keep none

	mu  sync.Mutex
	now *contract.State // nil if it has not changed
}

// state returns the state for the authenticator.
func (k *kept) state() core.State {
	if k.stored == nil {
		return core.State{}
	}
	return core.NewState(k.load, k.save)
}

func (k *kept) load(context.Context) (core.Secret, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.now != nil {
		return core.NewSecret(string(k.now.GetData())), nil
	}
	return core.NewSecret(string(k.stored.GetData())), nil
}

func (k *kept) save(_ context.Context, state core.Secret) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.now = &contract.State{Data: []byte(state.Reveal())}
	return nil
}

// changed returns what the host is to keep, nil for what it already does.
func (k *kept) changed() *contract.State {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.now
}

// deafUser is a user that cannot be asked at this moment.
type deafUser struct{}

var _ contract.PromptClient = deafUser{}

var errTooEarly = errors.New("no prompt is possible before the login")

func (deafUser) ShowVerification(context.Context, *contract.ShowVerificationRequest, ...grpc.CallOption) (*contract.Done, error) {
	return nil, errTooEarly
}

func (deafUser) AskText(context.Context, *contract.AskRequest, ...grpc.CallOption) (*contract.AskResponse, error) {
	return nil, errTooEarly
}

func (deafUser) AskSecret(context.Context, *contract.AskRequest, ...grpc.CallOption) (*contract.AskResponse, error) {
	return nil, errTooEarly
}

func (deafUser) Notify(context.Context, *contract.NotifyRequest, ...grpc.CallOption) (*contract.Done, error) {
	return nil, errTooEarly
}

func (deafUser) Countdown(context.Context, *contract.CountdownRequest, ...grpc.CallOption) (*contract.Done, error) {
	return nil, errTooEarly
}
