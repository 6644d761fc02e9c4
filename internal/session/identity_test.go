package session_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/session"
	"github.com/taegis-go/taegis/ports"
)

var aTenant = core.Identity{ID: "4c3f0b5e-7d1a-4a53-9f0e-2b6c8d917a10", Type: core.IdentityTenant}

// onFusion returns a session of the successor with an identity service.
func onFusion(t *testing.T, store ports.TokenStore, a *testAuthenticator, ask func(context.Context, core.Secret) (core.Identity, error)) *session.Session {
	t.Helper()
	env, err := core.FindEnvironment("fusion")
	if err != nil {
		t.Fatal(err)
	}
	s := session.New(session.Config{
		Authenticators: []ports.Authenticator{a}, Store: store, Login: core.LoginRequest{Environment: env}, Identify: ask,
	})
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// Callers that need an identity at the same time share one request, and its failure.
func TestOneRequestForAnIdentity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		broken := errors.New("broken")
		s := onFusion(t, &tokenstore.Memory{}, client("a"), func(context.Context, core.Secret) (core.Identity, error) {
			time.Sleep(time.Second)
			if asked.Add(1) == 1 {
				return core.Identity{}, broken
			}
			return aTenant, nil
		})
		for round, want := range []error{broken, nil, nil} {
			var callers sync.WaitGroup
			for range 20 {
				callers.Go(func() {
					if _, err := s.Identity(t.Context()); !errors.Is(err, want) {
						t.Errorf("round %d: %v", round, err)
					}
				})
			}
			callers.Wait()
		}
		if asked.Load() != 2 {
			t.Errorf("%d requests", asked.Load())
		}
	})
}

// A caller that gives up, or a panic, takes nothing from the others.
func TestACallerThatGivesUpItsRequestForAnIdentity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		s := onFusion(t, &tokenstore.Memory{}, client("a"), func(ctx context.Context, _ core.Secret) (core.Identity, error) {
			switch asked.Add(1) {
			case 1:
				<-ctx.Done()
				return core.Identity{}, context.Cause(ctx)
			case 2:
				time.Sleep(time.Second)
				panic("in the transport")
			}
			return aTenant, nil
		})
		if _, err := s.Token(t.Context()); err != nil {
			t.Fatal(err)
		}
		impatient, cancel := context.WithCancel(t.Context())
		var callers sync.WaitGroup
		callers.Go(func() {
			if _, err := s.Identity(impatient); !errors.Is(err, context.Canceled) {
				t.Errorf("the one that gave up: %v", err)
			}
		})
		synctest.Wait()
		var panics, answers atomic.Int64
		for range 5 {
			callers.Go(func() {
				defer func() {
					if recover() != nil {
						panics.Add(1)
					}
				}()
				if identity, err := s.Identity(t.Context()); err != nil || identity != aTenant {
					t.Errorf("%+v, %v", identity, err)
				}
				answers.Add(1)
			})
		}
		synctest.Wait()
		gone, leave := context.WithCancel(t.Context())
		callers.Go(func() {
			if _, err := s.Identity(gone); !errors.Is(err, context.Canceled) {
				t.Errorf("the one that left: %v", err)
			}
		})
		synctest.Wait()
		leave()
		cancel()
		callers.Wait()
		if panics.Load() != 1 || answers.Load() != 4 || asked.Load() != 3 {
			t.Errorf("%d panics, %d answers, %d requests", panics.Load(), answers.Load(), asked.Load())
		}
	})
}

// A store that cannot keep the identity only costs another request.
func TestAnIdentityThatIsNotStored(t *testing.T) {
	store := &tokenstore.Memory{}
	asks := 0
	ask := func(context.Context, core.Secret) (core.Identity, error) { asks++; return aTenant, nil }
	a := client("a")
	first := onFusion(t, store, a, ask)
	if _, err := first.Token(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s := onFusion(t, frozenIdentity{store}, a, ask)
		for range 2 {
			if identity, err := s.Identity(t.Context()); err != nil || identity != aTenant {
				t.Errorf("%+v, %v", identity, err)
			}
		}
	}
	if asks != 2 || a.asked.Load() != 1 {
		t.Errorf("%d requests for the identity, %d logins", asks, a.asked.Load())
	}
}

// frozenIdentity is a store that returns tokens and stores none.
type frozenIdentity struct{ ports.TokenStore }

func (frozenIdentity) Update(context.Context, core.TokenKey, func(context.Context, core.Token) (core.Token, error)) (core.Token, error) {
	return core.Token{}, &core.SaveError{Store: "ice", Err: errors.New("frozen")}
}

// A call without a tenant gets that of the account; the error of the identity service is the
// call's.
func TestTheTenantOfACall(t *testing.T) {
	seen := &recorder{}
	identity, failure := aTenant, error(nil)
	s := onFusion(t, &tokenstore.Memory{}, client("a"), func(context.Context, core.Secret) (core.Identity, error) { return identity, failure })
	wire := s.Authorize(seen)
	failure = &core.ConnectionError{Operation: "whoami", Host: "x", Err: errors.New("refused")}
	if err := wire.Execute(t.Context(), request(), nil); !errors.Is(err, failure) || seen.tenant != "" {
		t.Errorf("without an identity service: %v", err)
	}
	failure = nil
	req := request()
	if err := wire.Execute(t.Context(), req, nil); err != nil || seen.tenant != aTenant.ID || req.Tenant != "" {
		t.Errorf("%v, tenant %q", err, seen.tenant)
	}
	req.Tenant = "0b8b0f43-51ce-4f0e-9d6a-3c1de0c5a902"
	if err := wire.Execute(t.Context(), req, nil); err != nil || seen.tenant != req.Tenant {
		t.Errorf("%v, tenant %q", err, seen.tenant)
	}
	for _, kind := range []core.IdentityType{core.IdentityPartner, core.IdentityOrganization, "reseller"} {
		identity.Type = kind
		other := onFusion(t, &tokenstore.Memory{}, client("a"), func(context.Context, core.Secret) (core.Identity, error) { return identity, nil })
		if err := other.Authorize(seen).Execute(t.Context(), request(), nil); !isTenantRequired(err, kind) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func isTenantRequired(err error, kind core.IdentityType) bool {
	choose, ok := errors.AsType[*core.TenantRequiredError](err)
	return ok && choose.Identity.Type == kind && core.Hint(err) != ""
}

// recorder is a server that accepts everything.
type recorder struct {
	server
	tenant string
}

func (r *recorder) Execute(_ context.Context, req *core.Request, _ any) error {
	r.tenant = req.Tenant
	return nil
}
