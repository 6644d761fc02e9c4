package tokenstore_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// put stores an access token under key in any store.
func put(t *testing.T, s ports.TokenStore, key core.TokenKey, access string) {
	t.Helper()
	_, err := s.Update(t.Context(), key, func(context.Context, core.Token) (core.Token, error) {
		token := core.NewToken(access, time.Now())
		token.Account, token.Host = key.Account, key.Host
		return token, nil
	})
	if err != nil {
		t.Fatalf("Update of %v: %v", key, err)
	}
}

// accessOf returns the access token of key, "" for none.
func accessOf(t *testing.T, s ports.TokenStore, key core.TokenKey) string {
	t.Helper()
	token, err := s.Load(t.Context(), key)
	if err != nil && !errors.Is(err, core.ErrNoToken) {
		t.Fatalf("Load of %v: %v", key, err)
	}
	return token.AccessToken.Reveal()
}

// wantMoved checks what Move returns.
func wantMoved(t *testing.T, from tokenstore.Source, to ports.TokenStore, want int) {
	t.Helper()
	if moved, err := tokenstore.Move(t.Context(), from, to); moved != want || err != nil {
		t.Errorf("Move: %d, %v; want %d", moved, err, want)
	}
}

// wantEmpty checks that nothing is left behind.
func wantEmpty(t *testing.T, s tokenstore.Source) {
	t.Helper()
	for key, err := range s.List(t.Context()) {
		t.Errorf("left behind: %v, %v", key, err)
	}
}

func newFile(t *testing.T) *tokenstore.File {
	return &tokenstore.File{Path: filepath.Join(t.TempDir(), "config"), Logger: newLogger(t.Output())}
}

func TestMove(t *testing.T) {
	stores := map[string]func(t *testing.T) tokenstore.Source{
		"memory": func(*testing.T) tokenstore.Source { return &tokenstore.Memory{} },
		"file":   func(t *testing.T) tokenstore.Source { return newFile(t) },
	}
	user := core.TokenKey{Section: "charlie", Host: host, Account: core.AnyUserAccount}
	elsewhere := core.TokenKey{Section: "delta", Host: "api.delta.taegis.secureworks.com", Account: core.AnyUserAccount}
	own := core.TokenKey{Section: "mine", Host: "taegis.example", Account: core.ClientAccount("taegis.example", "own")}
	for fromName, from := range stores {
		for toName, to := range stores {
			t.Run(fromName+" to "+toName, func(t *testing.T) {
				from, to := from(t), to(t)
				tokens := map[core.TokenKey]string{}
				for i, key := range []core.TokenKey{user, clientKey("a"), clientKey("b"), elsewhere, own} {
					tokens[key] = jwt(time.Hour, map[string]any{"jti": fmt.Sprint(i)})
					put(t, from, key, tokens[key])
				}
				wantMoved(t, from, to, len(tokens))
				wantEmpty(t, from)
				for key, access := range tokens {
					if got := accessOf(t, to, key); got != access {
						t.Errorf("%v: another token, %q", key, got)
					}
				}
				wantMoved(t, from, to, 0) // and again
			})
		}
	}
}

func TestMoveKeepsTheAccountOfTheLatestToken(t *testing.T) {
	from, to := newFile(t), &tokenstore.Memory{}
	for _, id := range []string{"a", "b", "c"} {
		put(t, from, clientKey(id), ofClient(id))
	}
	latest := accessOf(t, from, anybody)
	wantMoved(t, from, to, 3)
	if accessOf(t, to, anybody) != latest {
		t.Error("another token is the latest")
	}
}

func TestMoveOfTokensThatPythonWrote(t *testing.T) {
	byClient, withoutAccount := ofClient("theirs"), jwt(time.Hour, nil)
	from := fileWith(t, "[charlie]\naccess_token = "+byClient+"\n[delta]\naccess_token = "+withoutAccount+
		"\n[echo]\naccess_token = "+jwt(-time.Hour, nil)+"\n[foxtrot]\nclient_id = KEPT\n")
	to := &tokenstore.Memory{}
	wantMoved(t, from, to, 2)
	wantEmpty(t, from)
	if accessOf(t, to, clientKey("theirs")) != byClient {
		t.Error("the claims do not say whose it is")
	}
	if accessOf(t, to, core.TokenKey{Section: "delta", Host: "api.delta.taegis.secureworks.com"}) != withoutAccount {
		t.Error("the token without an account is lost")
	}
	if !strings.Contains(textOf(t, from), "client_id = KEPT") {
		t.Error("a setting is lost")
	}
}

func TestOfTwoTokensTheLongerLivedStays(t *testing.T) {
	short, long := jwt(time.Hour, nil), jwt(2*time.Hour, nil)
	for _, c := range [][2]string{{short, long}, {long, short}} {
		from, to := &tokenstore.Memory{}, newFile(t)
		put(t, from, clientKey("a"), c[0])
		put(t, to, clientKey("a"), c[1])
		wantMoved(t, from, to, 1)
		wantEmpty(t, from)
		if accessOf(t, to, clientKey("a")) != long {
			t.Error("the shorter-lived token has stayed")
		}
	}
}

func TestATokenThatCannotBeMovedStays(t *testing.T) {
	from, to := &tokenstore.Memory{}, newFile(t)
	opaque := core.Token{AccessToken: core.NewSecret("opaque"), Expiry: time.Now().Add(time.Hour)}
	if _, err := from.Update(t.Context(), clientKey("opaque"), func(context.Context, core.Token) (core.Token, error) { return opaque, nil }); err != nil {
		t.Fatal(err)
	}
	access := ofClient("a")
	put(t, from, clientKey("a"), access)
	put(t, from, core.TokenKey{Section: "charlie", Host: host, Account: core.AnyUserAccount}, jwt(time.Hour, nil))
	moved, err := tokenstore.Move(t.Context(), from, to)
	if _, ok := errors.AsType[*core.StoreError](err); !ok || core.Hint(err) == "" || moved != 2 || strings.Contains(err.Error(), "opaque") {
		t.Errorf("Move: %d, %v", moved, err)
	}
	if accessOf(t, from, clientKey("opaque")) != "opaque" || accessOf(t, to, clientKey("a")) != access {
		t.Error("a token is in neither store")
	}
	nowhere := fileWith(t, "[mine]\naccess_token = "+ofClient("mine")+"\n")
	if moved, err := tokenstore.Move(t.Context(), nowhere, to); moved != 0 || !strings.Contains(fmt.Sprint(err), "[mine]") || core.Hint(err) == "" {
		t.Errorf("Move of a token for an unknown host: %d, %v", moved, err)
	}
}

func TestMoveToTheSamePlaceLosesNothing(t *testing.T) {
	one := newFile(t)
	access := ofClient("a")
	put(t, one, clientKey("a"), access)
	two := &tokenstore.File{Path: one.Path, Logger: one.Logger}
	moved, err := tokenstore.Move(t.Context(), one, two)
	if _, ok := errors.AsType[*core.StoreError](err); !ok || moved != 0 || !strings.Contains(err.Error(), "same place") {
		t.Errorf("Move: %d, %v", moved, err)
	}
	if accessOf(t, one, clientKey("a")) != access {
		t.Error("the token is lost")
	}
}

// interrupted is a store at which the context ends after some calls.
type interrupted struct {
	ports.TokenStore
	left   int
	cancel func()
}

func (i *interrupted) tick() {
	if i.left--; i.left < 0 {
		i.cancel()
	}
}

func (i *interrupted) Load(ctx context.Context, key core.TokenKey) (core.Token, error) {
	i.tick()
	return i.TokenStore.Load(ctx, key)
}

func (i *interrupted) Update(ctx context.Context, key core.TokenKey, refresh func(context.Context, core.Token) (core.Token, error)) (core.Token, error) {
	i.tick()
	return i.TokenStore.Update(ctx, key, refresh)
}

func TestAnInterruptedMoveLosesNothing(t *testing.T) {
	for calls := range 12 {
		from, to := newFile(t), newFile(t)
		for _, id := range []string{"a", "b", "c"} {
			put(t, from, clientKey(id), ofClient(id))
		}
		ctx, cancel := context.WithCancel(t.Context())
		_, err := tokenstore.Move(ctx, from, &interrupted{to, calls, cancel})
		if ctx.Err() != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("interrupted after %d calls: %v", calls, err)
		}
		cancel()
		for _, id := range []string{"a", "b", "c"} {
			if accessOf(t, from, clientKey(id)) == "" && accessOf(t, to, clientKey(id)) == "" {
				t.Errorf("interrupted after %d calls: the token of %s is lost", calls, id)
			}
		}
		if _, err := tokenstore.Move(t.Context(), from, to); err != nil {
			t.Errorf("once more: %v", err)
		}
		wantEmpty(t, from)
	}
}

// overtaken is a store in which another process stores a token just before one is cleared.
type overtaken struct {
	source
	store func()
}

// source is what all stores of the SDK are.
type source interface {
	tokenstore.Source
	tokenstore.CompareDeleter
}

func (o *overtaken) Delete(ctx context.Context, key core.TokenKey) error {
	o.store()
	return o.source.Delete(ctx, key)
}

func (o *overtaken) CompareAndDelete(ctx context.Context, key core.TokenKey, old core.Token) (bool, error) {
	o.store()
	return o.source.CompareAndDelete(ctx, key, old)
}

// A login of another account does not wait for the lock of the token that is being moved.
func TestATokenThatIsStoredAtTheMomentOfClearingIsMovedToo(t *testing.T) {
	user := core.TokenKey{Section: "charlie", Host: host, Account: core.AnyUserAccount}
	stores := map[string]func(t *testing.T, now func() time.Time) source{
		"memory": func(_ *testing.T, now func() time.Time) source { return &tokenstore.Memory{Now: now} },
		"file": func(t *testing.T, now func() time.Time) source {
			f := newFile(t)
			f.Now = now
			return f
		},
	}
	for name, open := range stores {
		for state, c := range map[string]struct {
			age   time.Duration // of the user's token, which is good for an hour
			moved int
		}{"valid": {0, 2}, "expired": {2 * time.Hour, 1}} {
			t.Run(name+", "+state, func(t *testing.T) {
				now, users, clients := time.Now(), jwt(time.Hour, nil), jwt(4*time.Hour, nil)
				from, to := open(t, func() time.Time { return now }), &tokenstore.Memory{}
				put(t, from, user, users)
				now = now.Add(c.age)
				logIn := sync.OnceFunc(func() { put(t, from, clientKey("a"), clients) })
				wantMoved(t, &overtaken{from, logIn}, to, c.moved)
				wantEmpty(t, from)
				if accessOf(t, to, clientKey("a")) != clients {
					t.Error("the client's token is lost")
				}
				if c.age == 0 && accessOf(t, to, user) != users {
					t.Error("the user's token is lost")
				}
			})
		}
	}
}

// refreshUnderLock is a store with tokens that another process refreshes while they are being
// moved.
type refreshUnderLock struct {
	tokenstore.Source
	refresh func()
}

func (r *refreshUnderLock) Update(ctx context.Context, key core.TokenKey, refresh func(context.Context, core.Token) (core.Token, error)) (core.Token, error) {
	r.refresh()
	return r.Source.Update(ctx, key, refresh)
}

func TestATokenThatIsRefreshedMeanwhileIsMovedToo(t *testing.T) {
	from, to := newFile(t), &tokenstore.Memory{}
	put(t, from, clientKey("a"), ofClient("a"))
	once, refreshed := false, jwt(3*time.Hour, nil)
	wantMoved(t, &refreshUnderLock{from, func() {
		if !once {
			once = true
			put(t, from, clientKey("a"), refreshed)
		}
	}}, to, 1)
	wantEmpty(t, from)
	if accessOf(t, to, clientKey("a")) != refreshed {
		t.Error("the refreshed token was lost")
	}
	put(t, from, clientKey("a"), ofClient("a"))
	n := 0
	_, err := tokenstore.Move(t.Context(), &refreshUnderLock{from, func() {
		n++
		put(t, from, clientKey("a"), jwt(time.Duration(4+n)*time.Hour, nil))
	}}, to)
	if _, ok := errors.AsType[*core.StoreError](err); !ok {
		t.Errorf("Move of what changes all the time: %v", err)
	}
	if accessOf(t, from, clientKey("a")) == "" {
		t.Error("the token was lost")
	}
}
