package taegis_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/events"
)

// Every request says which SDK sends it, and for which application: calls, subscriptions and each
// kind of login request.
func TestEveryRequestNamesTheApplication(t *testing.T) {
	for name, c := range map[string]struct {
		authenticator interface {
			Authenticate(context.Context, core.LoginRequest) (core.Token, error)
			Account(context.Context, core.LoginRequest) (core.Account, error)
		}
		routes []string
	}{
		"client credentials": {&authn.ClientCredentials{}, []string{tokenRoute}},
		"single sign-on":     {&authn.DeviceCode{}, []string{"/universal-auth/device/code/auth", deviceRoute}},
		"password and code":  {&authn.Password{}, []string{"/auth/userLogin", userRoute, userRoute}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newLoginServer(t)
			d.asClient()
			d.answers(t, "ann@example.com", "correct horse", "123456")
			client := d.client(t, taegis.WithApplication("acme-soc", "1.2"), taegis.WithAuthenticators(c.authenticator))
			_, err := client.Login(t.Context())
			if err == nil {
				call(t, client)
				for _, err := range taegis.Subscribe[any](t.Context(), client, &events.OpEventQuerySubscription, map[string]any{"query": "FROM process"}, "query { status }") {
					if err != nil {
						t.Error(err)
					}
				}
			}
			want := core.UserAgent("", taegis.Version, core.Application{Name: "acme-soc", Version: "1.2"})
			if !strings.HasPrefix(want, "taegis-go/"+taegis.Version+" (go") || !strings.HasSuffix(want, ") acme-soc/1.2") {
				t.Errorf("the header is %q", want)
			}
			var paths []string
			for _, r := range d.Requests() {
				if r.Method == "SUBSCRIBE" { // which came with a GET
					continue
				}
				paths = append(paths, r.Method+" "+r.Path)
				if got := r.Header.Values("User-Agent"); !slices.Equal(got, []string{want}) {
					t.Errorf("%s %s: %q, want %q", r.Method, r.Path, got, want)
				}
				if r.Path == "/graphql" && (r.Header.Get("Apollographql-Client-Name") != "taegis-go" || r.Header.Get("Apollographql-Client-Version") != taegis.Version) {
					t.Errorf("%s %s: the headers of Apollo are %v", r.Method, r.Path, r.Header)
				}
			}
			if err == nil {
				c.routes = append(c.routes, "/graphql")
				if !slices.Contains(paths, "GET /events/query") {
					t.Errorf("no subscription in %q", paths)
				}
			}
			for _, route := range c.routes {
				if !slices.Contains(paths, "POST "+route) {
					t.Errorf("no request to %s in %q (login: %v)", route, paths, err)
				}
			}
		})
	}
}

func TestApplicationsThatNoHeaderCanHold(t *testing.T) {
	for name, version := range map[string]string{
		"": "1", "two words": "1", "a/b": "1", "a\r\nX: y": "", "ä": "", "a(b)": "", strings.Repeat("a", 51): "", "good": "1 2", "fine": "1\n",
	} {
		_, err := taegis.New(append(in(t, nil), taegis.WithApplication(name, version))...)
		if _, ok := errors.AsType[*core.ArgumentError](err); !ok || !strings.Contains(err.Error(), "WithApplication") {
			t.Errorf("%q %q: %v", name, version, err)
		}
	}
	d := newLoginServer(t)
	d.asClient()
	call(t, d.client(t, taegis.WithApplication("acme", "")))
	requests := d.Requests()
	if got := requests[len(requests)-1].Header.Get("User-Agent"); !strings.HasSuffix(got, ") acme") {
		t.Errorf("without a version: %q", got)
	}
	// A caller's own header does not replace it.
	ctx := taegis.ContextWithHeader(t.Context(), "user-agent", "another")
	if err := d.client(t).Execute(ctx, &core.Request{Operation: &core.Operation{Name: "any"}}, nil); err == nil {
		t.Error("an unknown operation was executed")
	}
	requests = d.Requests()
	if got := requests[len(requests)-1].Header[http.CanonicalHeaderKey("user-agent")]; len(got) != 1 || !strings.HasPrefix(got[0], "taegis-go/") {
		t.Errorf("User-Agent %q", got)
	}
}
