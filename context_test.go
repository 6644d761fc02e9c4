package taegis_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/services/alerts"
	"github.com/taegis-go/taegis/services/authz"
	"github.com/taegis-go/taegis/services/clients"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// faked returns a client over a fake that answers every search for alerts.
func faked(t *testing.T, options ...taegis.Option) (*taegis.Client, *taegistest.Transport) {
	t.Helper()
	fake := taegistest.NewTransport(t)
	fake.Reply("alertsServiceSearch", alerts.AlertsResponse{})
	options = append(append(in(t, nil),
		taegis.WithTransport(fake), taegis.WithTokenStore(&tokenstore.Memory{}),
		taegis.WithAuthenticators(&authn.StaticToken{Token: core.NewSecret("of-the-client")})), options...)
	client, err := taegis.New(options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client, fake
}

// search makes a call through a generated service.
func search(ctx context.Context, t ports.Transport) error {
	_, err := alerts.New(t).AlertsServiceSearch(ctx, alerts.AlertsServiceSearchArgs{})
	return err
}

func TestContextSettingsReachTheRequest(t *testing.T) {
	lab, err := core.NewEnvironment("lab", "https://lab.example")
	if err != nil {
		t.Fatal(err)
	}
	outer := t.Context()
	tenant2 := taegis.ContextWithTenant(outer, "2")
	traced := taegis.ContextWithTraceID(outer, "id-1")
	headers := taegis.ContextWithHeader(taegis.ContextWithHeader(outer, "x-a", "1"), "X-B", "1")
	given := taegis.ContextWithAccessToken(outer, core.NewSecret("given"))
	for name, c := range map[string]struct {
		ctx  context.Context
		get  func(*core.Request) any
		want any
	}{
		"nothing": {outer, func(r *core.Request) any {
			return []any{r.Tenant, r.Timeout, r.Environment.Name, r.Selection, r.Header, r.OnResponse == nil, r.Token.Reveal()}
		}, []any{"1", time.Minute, "charlie", "", http.Header(nil), true, "of-the-client"}},

		"tenant":         {tenant2, tenantOf, "2"},
		"inner tenant":   {taegis.ContextWithTenant(tenant2, "3"), tenantOf, "3"},
		"without tenant": {taegis.ContextWithTenant(outer, ""), tenantOf, ""},

		"own environment by name":   {taegis.ContextWithEnvironment(outer, "Charlie"), apiOf, "https://api.ctpx.secureworks.com"},
		"environment taken back":    {taegis.ContextWithEnvironment(taegis.ContextWithEnvironment(outer, "us2"), ""), apiOf, "https://api.ctpx.secureworks.com"},
		"environment with a token":  {taegis.ContextWithAccessToken(taegis.ContextWithEnvironment(outer, "US2"), core.NewSecret("given")), apiOf, "https://api.delta.taegis.secureworks.com"},
		"custom environment":        {taegis.ContextWithAccessToken(taegis.ContextWithCustomEnvironment(outer, lab), core.NewSecret("given")), apiOf, "https://lab.example"},
		"inner of two environments": {taegis.ContextWithAccessToken(taegis.ContextWithEnvironment(taegis.ContextWithCustomEnvironment(outer, lab), "us2"), core.NewSecret("given")), apiOf, "https://api.delta.taegis.secureworks.com"},
		"access token":              {given, tokenOf, "given"},
		"access token taken away":   {taegis.ContextWithAccessToken(given, core.Secret{}), tokenOf, "of-the-client"},

		"output":                {taegis.ContextWithSelection(outer, "{ alerts { list { id } } }"), selectionOf, "{ alerts { list { id } } }"},
		"output without braces": {taegis.ContextWithSelection(outer, "reason # why"), selectionOf, "{ reason # why\n}"},
		"output taken back":     {taegis.ContextWithSelection(taegis.ContextWithSelection(outer, "status"), ""), selectionOf, ""},

		"timeout":    {taegis.ContextWithRequestTimeout(outer, time.Second), timeoutOf, time.Second},
		"no timeout": {taegis.ContextWithRequestTimeout(outer, 0), timeoutOf, time.Duration(0)},

		"headers":            {headers, headerOf, http.Header{"X-A": {"1"}, "X-B": {"1"}}},
		"inner headers":      {taegis.ContextWithHeader(taegis.ContextWithHeader(headers, "X-A", "2"), "x-b", ""), headerOf, http.Header{"X-A": {"2"}}},
		"trace":              {traced, headerOf, http.Header{"X-Amzn-Trace-Id": {"id-1"}}},
		"trace and a header": {taegis.ContextWithHeader(traced, "X-A", "1"), headerOf, http.Header{"X-A": {"1"}, "X-Amzn-Trace-Id": {"id-1"}}},
		"trace removed":      {taegis.ContextWithTraceID(traced, ""), headerOf, http.Header(nil)},

		"several": {taegis.ContextWithHeader(taegis.ContextWithSelection(tenant2, "{ status }"), "X-A", "1"), func(r *core.Request) any {
			return []any{r.Tenant, r.Selection, r.Header}
		}, []any{"2", "{ status }", http.Header{"X-A": {"1"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			client, fake := faked(t, taegis.WithTenant("1"), taegis.WithTimeout(time.Minute))
			if err := search(c.ctx, client); err != nil {
				t.Fatal(err)
			}
			if got := c.get(fake.Requests()[0]); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			if err := search(outer, client); err != nil {
				t.Fatal(err)
			}
			if r := fake.Requests()[1]; r.Tenant != "1" || r.Selection != "" || len(r.Header) != 0 || r.Environment.Name != "charlie" || r.Token.Reveal() != "of-the-client" {
				t.Errorf("beyond its scope: %+v", r)
			}
		})
	}
}

func tenantOf(r *core.Request) any    { return r.Tenant }
func apiOf(r *core.Request) any       { return r.Environment.APIURL }
func selectionOf(r *core.Request) any { return r.Selection }
func timeoutOf(r *core.Request) any   { return r.Timeout }
func headerOf(r *core.Request) any    { return r.Header }
func tokenOf(r *core.Request) any     { return r.Token.Reveal() }

func TestARequestsOwnFieldsComeBeforeTheContext(t *testing.T) {
	client, fake := faked(t)
	ctx := taegis.ContextWithTenant(taegis.ContextWithSelection(t.Context(), "status"), "of the context")
	ctx = taegis.ContextWithHeader(taegis.ContextWithHeader(ctx, "X-A", "context"), "X-B", "context")
	own := &core.Request{
		Operation: &core.Operation{Name: "alertsServiceSearch"}, Tenant: "own", Selection: "{ own }", Header: http.Header{"x-a": {"own"}},
	}
	if err := client.Execute(ctx, own, nil); err != nil {
		t.Fatal(err)
	}
	r := fake.Requests()[0]
	if want := (http.Header{"X-A": {"own"}, "X-B": {"context"}}); r.Tenant != "own" || r.Selection != "{ own }" || !reflect.DeepEqual(r.Header, want) {
		t.Errorf("%+v", r)
	}
	if len(own.Header) != 1 {
		t.Errorf("the caller's request has changed: %v", own.Header)
	}
}

func TestSettingsThatCannotBeUsedSendNothing(t *testing.T) {
	d := newLoginServer(t)
	d.asClient()
	c := d.client(t)
	secret := "s3cr3t\ntoken"
	for name, ctx := range map[string]context.Context{
		"braces that do not match": taegis.ContextWithSelection(t.Context(), "alerts { list { id }"),
		"a brace too many":         taegis.ContextWithSelection(t.Context(), "status } other { id"),
		"empty braces":             taegis.ContextWithSelection(t.Context(), "{ }"),
		"blank":                    taegis.ContextWithSelection(t.Context(), "  "),
		"name of a header":         taegis.ContextWithHeader(t.Context(), "X A", "1"),
		"value of a header":        taegis.ContextWithHeader(t.Context(), "X-A", "1\r\nX-B: 2"),
		"negative timeout":         taegis.ContextWithRequestTimeout(t.Context(), -time.Second),
		"access token":             taegis.ContextWithAccessToken(t.Context(), core.NewSecret(secret)),
		"request id":               taegis.ContextWithTraceID(t.Context(), "1\n2"),
		"inherited":                taegis.ContextWithTenant(taegis.ContextWithSelection(t.Context(), "}"), "1"),
	} {
		t.Run(name, func(t *testing.T) {
			err := search(ctx, c)
			if fault, ok := errors.AsType[*core.ArgumentError](err); !ok || fault.Operation != "alertsServiceSearch" || strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("error: %v", err)
			}
			for _, err := range c.Subscribe(ctx, &core.Request{Operation: &core.Operation{Name: "eventQuery", Kind: core.KindSubscription}}) {
				if _, ok := errors.AsType[*core.ArgumentError](err); !ok {
					t.Errorf("subscription: %v", err)
				}
			}
		})
	}
	given := taegis.ContextWithAccessToken(t.Context(), core.NewSecret(secret))
	if token, err := c.Token(given); err == nil || strings.Contains(err.Error(), "s3cr3t") {
		t.Errorf("Token: %q, %v", token.AccessToken.Reveal(), err)
	}
	if token, err := c.TokenSource(given).Token(); err == nil {
		t.Errorf("TokenSource: %q", token.AccessToken)
	}
	_, err := authz.New(c).AuthzCanSubjectAssumeAllTenants(taegis.ContextWithSelection(t.Context(), "id"))
	if _, ok := errors.AsType[*core.ArgumentError](err); !ok {
		t.Errorf("fields of a plain value: %v", err)
	}
	if n := len(d.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestSettingsOnTheWire(t *testing.T) {
	d := newLoginServer(t, func(c *emulator.Config) { c.RecordSecrets = true })
	d.asClient()
	ctx := taegis.ContextWithTenant(t.Context(), "00000")
	ctx = taegis.ContextWithHeader(taegis.ContextWithHeader(ctx, "X-Ticket", "4711"), "Authorization", "Bearer other")
	ctx = taegis.ContextWithSelection(ctx, "alerts { list { id } }")
	found, err := alerts.New(d.client(t)).AlertsServiceSearch(ctx, alerts.AlertsServiceSearchArgs{})
	if err != nil || len(found.Alerts.List) == 0 || found.Alerts.List[0].ID == "" || found.Alerts.List[0].Status != "" || found.Status != "" {
		t.Fatalf("%+v, %v", found, err)
	}
	requests := d.Requests()
	last := requests[len(requests)-1]
	if last.Tenant != "00000" || last.Header.Get("X-Ticket") != "4711" || strings.Contains(last.Header.Get("Authorization"), "other") {
		t.Errorf("%v", last.Header)
	}
}

func TestMiddlewareSeesTheContextsSettingsButNoToken(t *testing.T) {
	var seen *core.Request
	spy := func(next ports.Transport) ports.Transport { return spying{next, &seen} }
	client, fake := faked(t, taegis.WithMiddleware(spy))
	ctx := taegis.ContextWithTenant(taegis.ContextWithEnvironment(t.Context(), "us2"), "2")
	ctx = taegis.ContextWithAccessToken(taegis.ContextWithSelection(ctx, "{ status }"), core.NewSecret("given"))
	if err := search(ctx, client); err != nil {
		t.Fatal(err)
	}
	if seen.Tenant != "2" || seen.Environment.Name != "us2" || seen.Selection != "{ status }" || !seen.Token.IsZero() {
		t.Errorf("middleware saw %+v", seen)
	}
	if sent := fake.Requests()[0]; sent.Token.Reveal() != "given" {
		t.Errorf("sent: %+v", sent)
	}
}

func TestAnAccessTokenOfTheContext(t *testing.T) {
	d := newLoginServer(t)
	c := d.client(t) // cannot log in
	own := d.Token(emulator.DemoUser)
	ctx := taegis.ContextWithAccessToken(t.Context(), core.NewSecret(own))
	if err := search(ctx, c); err != nil {
		t.Fatal(err)
	}
	if token, err := c.Token(ctx); err != nil || token.AccessToken.Reveal() != own || token.Expiry.IsZero() {
		t.Errorf("%+v, %v", token, err)
	}
	if shown := fmt.Sprintf("%v %+v %#v", ctx, ctx, ctx); strings.Contains(shown, own) {
		t.Error("the context shows its token")
	}
	d.asClient() // a chain that must not be asked
	d.Revoke(own)
	err := search(ctx, c)
	if !errors.Is(err, core.ErrUnauthorized) || !strings.Contains(core.Hint(err), "ContextWithAccessToken") || strings.Contains(err.Error(), own) {
		t.Errorf("rejected: %v", err)
	}
	if _, ok := errors.AsType[*core.ResponseError](err); !ok {
		t.Errorf("the answer is lost: %v", err)
	}
	for _, err := range c.Subscribe(ctx, pages) {
		if !errors.Is(err, core.ErrUnauthorized) || !strings.Contains(core.Hint(err), "ContextWithAccessToken") {
			t.Errorf("subscription: %v", err)
		}
	}
	d.wantCount(t, tokenRoute, 0)
	if strings.Contains(d.log.String(), own) {
		t.Error("the log shows the token")
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := search(ctx, c); !errors.Is(err, core.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	for _, err := range c.Subscribe(ctx, pages) {
		if !errors.Is(err, core.ErrClosed) {
			t.Errorf("subscription after Close: %v", err)
		}
	}
}

// pages is a subscription.
var pages = &core.Request{
	Operation: &core.Operation{Name: "eventQuery", Kind: core.KindSubscription, Gateway: "/events/query"},
	Document:  `subscription eventQuery { eventQuery(query: "FROM process | head 1") { next } }`,
}

func TestSubscriptionsCarryTheContextsTenantAndToken(t *testing.T) {
	d := newLoginServer(t, func(c *emulator.Config) { c.RecordSecrets = true })
	own := d.Token(emulator.DemoUser)
	ctx := taegis.ContextWithAccessToken(taegis.ContextWithTenant(t.Context(), "00000"), core.NewSecret(own))
	n := 0
	for _, err := range d.client(t).Subscribe(ctx, pages) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	offered := d.Requests()[0].Header.Get("Sec-Websocket-Protocol")
	if n == 0 || !strings.Contains(offered, "access-token-"+own) || !strings.Contains(offered, "x-tenant-context-00000") {
		t.Errorf("%d messages, offered %q", n, offered)
	}
}

func TestTracesAndResponses(t *testing.T) {
	d := newLoginServer(t)
	d.asClient()
	c := d.client(t)
	call(t, c) // logs in
	d.AddFault("clientsSearch", emulator.Fault{Status: http.StatusTooManyRequests, RetryAfter: "0", Times: 1})

	var inner, outer []core.Response
	ctx := taegis.ContextWithResponses(t.Context(), func(r core.Response) {
		if r.Date.IsZero() {
			t.Errorf("%s has no date", r.Operation)
		}
		outer = append(outer, r)
	})
	ctx = taegis.ContextWithTrace(taegis.ContextWithResponses(ctx, func(r core.Response) { inner = append(inner, r) }))
	for range 2 {
		if _, err := clients.New(c).ClientsSearch(ctx, clients.ClientsSearchArgs{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, err := range c.Subscribe(ctx, pages) {
		if err != nil {
			t.Fatal(err)
		}
	}
	host := strings.TrimPrefix(d.URL, "http://")
	want := []core.Response{
		{Operation: "clientsSearch", Host: host, Status: 429},
		{Operation: "clientsSearch", Host: host, Status: 200},
		{Operation: "clientsSearch", Host: host, Status: 200},
		{Operation: "eventQuery", Host: host, Status: 101},
	}
	sent := d.Requests()[2:] // after the token and the first call
	for i := range min(len(want), len(inner)) {
		want[i].RequestID, want[i].Date = sent[i].ID, inner[i].Date
	}
	if !reflect.DeepEqual(inner, want) || !reflect.DeepEqual(outer, want) {
		t.Errorf("observed\n%+v and\n%+v, want\n%+v", inner, outer, want)
	}
	for i, traced := range []string{"", "", want[0].RequestID, want[0].RequestID} {
		if got := sent[i].Header.Get("X-Amzn-Trace-Id"); got != traced {
			t.Errorf("request %d is traced to %q, want %q", i, got, traced)
		}
	}
}

func TestAnUnknownEnvironmentIsThatOfNew(t *testing.T) {
	_, want := taegis.New(append(in(t, nil), taegis.WithEnvironment("carlie"))...)
	client, fake := faked(t)
	ctx := taegis.ContextWithEnvironment(t.Context(), "carlie")
	_, tokenErr := client.Token(ctx)
	_, loginErr := client.Login(ctx)
	_, explainErr := client.Explain(ctx)
	for name, err := range map[string]error{
		"call": search(ctx, client), "Token": tokenErr, "Login": loginErr, "Explain": explainErr, "ClearTokens ": client.ClearTokens(ctx),
	} {
		if unknown, ok := errors.AsType[*core.UnknownEnvironmentError](err); !ok || unknown.Name != "carlie" || err.Error() != want.Error() {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, ok := errors.AsType[*core.BaseURLError](search(taegis.ContextWithCustomEnvironment(t.Context(), core.Environment{Name: "lab", APIURL: "http://x.example"}), client)); !ok {
		t.Error("an environment without usable base URLs was accepted")
	}
	if n := len(fake.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestAFakeWithoutAClientSeesNoSettings(t *testing.T) {
	fake := taegistest.NewTransport(t)
	fake.Reply("alertsServiceSearch", alerts.AlertsResponse{})
	if err := search(taegis.ContextWithTenant(t.Context(), "2"), fake); err != nil || fake.Requests()[0].Tenant != "" {
		t.Errorf("%+v, %v", fake.Requests()[0], err)
	}
}

func TestACallWithoutSettingsAllocatesNothingForThem(t *testing.T) {
	client, err := taegis.New(append(in(t, nil), taegis.WithTransport(idle{}),
		taegis.WithAuthenticators(&authn.StaticToken{Token: core.NewSecret("x")}))...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, req := t.Context(), &core.Request{Operation: &core.Operation{Name: "a"}}
	const before = 5 // two copies of the request, the client's and the session's, and what lets Close end the call
	if got := testing.AllocsPerRun(1000, func() { _ = client.Execute(ctx, req, nil) }); got > before {
		t.Errorf("%v allocations, want %v", got, before)
	}
}

// idle is a wire that does nothing.
type idle struct{ ports.Transport }

func (idle) Execute(context.Context, *core.Request, any) error { return nil }

func TestAdaptationsAreReported(t *testing.T) {
	for _, name := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} { // where adaptations are stored
		t.Setenv(name, t.TempDir())
	}
	d := newLoginServer(t, func(c *emulator.Config) { c.Drift = emulator.Drift{Seed: 1} })
	d.asClient()
	var inner, outer []core.Adaptation
	ctx := taegis.ContextWithAdaptations(t.Context(), func(r core.Adaptation) { outer = append(outer, r) })
	ctx = taegis.ContextWithAdaptations(ctx, func(r core.Adaptation) { inner = append(inner, r) })
	if err := search(ctx, d.client(t)); err != nil {
		t.Fatal(err)
	}
	if len(inner) != 1 || inner[0].Operation != "alertsServiceSearch" || len(inner[0].Omitted) == 0 || !reflect.DeepEqual(inner, outer) {
		t.Errorf("observed %+v and %+v", inner, outer)
	}
}

func TestRequiredFields(t *testing.T) {
	for _, name := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} { // where adaptations are stored
		t.Setenv(name, t.TempDir())
	}
	d := newLoginServer(t, func(c *emulator.Config) { c.Drift = emulator.Drift{Seed: 1} })
	d.asClient()
	client := d.client(t)
	var cut []string
	ctx := taegis.ContextWithAdaptations(t.Context(), func(r core.Adaptation) { cut = r.Omitted })
	err := search(taegis.ContextWithRequiredFields(ctx, "nonsense"), client)
	if _, ok := errors.AsType[*core.ArgumentError](err); !ok {
		t.Error(err)
	}
	d.wantCount(t, tokenRoute, 0)
	if err := search(ctx, client); err != nil || len(cut) == 0 {
		t.Fatal(cut, err)
	}
	lost := cut[0]
	for _, field := range []string{lost, lost[strings.LastIndex(lost, ".")+1:]} {
		required := taegis.ContextWithRequiredFields(ctx, "alerts", field)
		schema, ok := errors.AsType[*core.SchemaError](search(required, client))
		if !ok || !slices.Contains(schema.Omitted, lost) {
			t.Errorf("%s: %v", field, schema)
		}
		if err := search(taegis.ContextWithRequiredFields(required, "alerts"), client); err != nil {
			t.Error(err)
		}
		if err := search(taegis.ContextWithRequiredFields(required), client); err != nil {
			t.Error(err)
		}
	}
}
