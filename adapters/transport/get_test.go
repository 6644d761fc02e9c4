package transport_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/adapters/transport/drift"
	"github.com/taegis-go/taegis/core"
)

// fetch is a GET request of a REST interface of the successor.
func fetch(env core.Environment) *core.Request {
	env.Platform = core.PlatformFusion
	return &core.Request{
		Operation: &core.Operation{
			Name: "fetch", Kind: core.KindGet, Gateway: "/partner/v1/tenants",
			Arguments: []core.Argument{{Name: "page", Type: "Int!"}, {Name: "pageTotal", Type: "Boolean"}, {Name: "q", Type: "String"}},
		},
		Args:        map[string]any{"page": 2, "pageTotal": true, "q": "a&b c"},
		Header:      http.Header{"X-Partner-Id": {"mine"}, "X-Tenant-Id": {aTenant}},
		Environment: env,
		Token:       core.NewSecret(canary),
		Tenant:      aTenant,
	}
}

func TestAGetRequestOnTheWire(t *testing.T) {
	env := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/partner/v1/tenants" || r.URL.RawQuery != "page=2&pageTotal=true&q=a%26b+c" {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		for name, want := range map[string]string{
			"Authorization": "Bearer " + canary, "X-Partner-Id": "mine", "X-Tenant-Id": "", "X-Tenant-Context": "",
			"Content-Type": "", "Accept": "application/json",
		} {
			if got := strings.Join(r.Header.Values(name), "|"); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		_, _ = w.Write([]byte("\ufeff" + `{"text": "hello", "more": [1]}`))
	})
	var out greeting
	wire := transport.Retry(core.RetryLimits{})(drift.Middleware(drift.Config{})(new(transport.HTTP)))
	if err := wire.Execute(t.Context(), fetch(env), &out); err != nil || out.Text != "hello" {
		t.Errorf("%+v, %v", out, err)
	}
	if err := wire.Execute(t.Context(), fetch(env), nil); err != nil {
		t.Errorf("without a result: %v", err)
	}
}

// The answers of a GET request, with what they prove.
func TestAnswersToAGetRequest(t *testing.T) {
	for name, test := range map[string]struct {
		status   int
		body     string
		words    string
		evidence core.Evidence
		is       error
	}{
		"rejected token": {401, `{"message": "unauthorized token"}`, "rejected", core.EvidenceRejected, core.ErrUnauthorized},
		"forbidden":      {403, `{"error": "Forbidden", "message": "not yours"}`, "not yours", core.EvidenceUnknown, nil},
		"too many":       {429, `{"error": "TooMany", "message": "slow down"}`, "slow down", core.EvidenceThrottled, nil},
		"broken":         {500, `oops`, "500", core.EvidenceUnknown, nil},
		"a page":         {200, `<html>log in</html>`, "HTML", core.EvidenceUnknown, nil},
		"a list":         {200, `[1]`, "not a JSON object", core.EvidenceUnknown, nil},
		"another type":   {200, `{"text": 7}`, "expected shape", core.EvidenceUnknown, nil},
		"cut off":        {200, `{"text": `, "expected shape", core.EvidenceUnknown, nil},
	} {
		t.Run(name, func(t *testing.T) {
			env := serve(t, answering(test.status, test.body, "X-Request-Id", "the-id"))
			var out greeting
			err := new(transport.HTTP).Execute(t.Context(), fetch(env), &out)
			fault, ok := errors.AsType[*core.ResponseError](err)
			if !ok || fault.Status != test.status || fault.Evidence != test.evidence || fault.RequestID != "the-id" || !strings.Contains(err.Error(), test.words) {
				t.Fatalf("%v (%T)", err, err)
			}
			if test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("%v is no %v", err, test.is)
			}
			if strings.Contains(err.Error(), canary) {
				t.Errorf("the token is in %v", err)
			}
		})
	}
}

func TestAGetRequestThatCannotBeSent(t *testing.T) {
	env := serve(t, answering(200, `{}`))
	wrong := fetch(env)
	wrong.Args = map[string]any{"page": 1, "size": 2}
	missing := fetch(env)
	missing.Args = nil
	for name, req := range map[string]*core.Request{"unknown argument": wrong, "missing argument": missing} {
		if fault, ok := errors.AsType[*core.ArgumentError](new(transport.HTTP).Execute(t.Context(), req, nil)); !ok || fault.Operation != "fetch" {
			t.Errorf("%s: %v", name, fault)
		}
	}
	plain := fetch(core.Environment{Name: "lab", APIURL: "http://taegis.example"})
	if _, ok := errors.AsType[*core.BaseURLError](new(transport.HTTP).Execute(t.Context(), plain, nil)); !ok {
		t.Error("plain http to another host was tried")
	}
	long := &transport.HTTP{Limits: core.Limits{ResponseBytes: 10}}
	err := long.Execute(t.Context(), fetch(serve(t, answering(200, `{"text": "too long for that"}`))), nil)
	if _, ok := errors.AsType[*core.LimitError](err); !ok {
		t.Errorf("beyond the limit: %v", err)
	}
}

// A redirect to another host is not followed.
func TestARedirectOfAGetRequest(t *testing.T) {
	elsewhere := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") })
	for _, status := range []int{301, 302, 303, 307, 308} {
		env := serve(t, answering(status, "", "Location", elsewhere.APIURL+"/partner/v1/tenants"))
		err := new(transport.HTTP).Execute(t.Context(), fetch(env), nil)
		if _, ok := errors.AsType[*transport.RedirectError](err); !ok {
			t.Errorf("%d: %v", status, err)
		}
	}
}

func TestAGetRequestAsCurl(t *testing.T) {
	logger, log := record()
	env := serve(t, answering(200, `{}`))
	req := fetch(env)
	req.Header.Set("X-Api-Key", "hidden-word")
	if err := transport.Log(logger)(new(transport.HTTP)).Execute(t.Context(), req, nil); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"curl -sS", "/partner/v1/tenants?page=2", "Authorization: Bearer $TAEGIS_ACCESS_TOKEN", "X-Partner-Id: mine"} {
		if !strings.Contains(log(), part) {
			t.Errorf("%q is missing in %s", part, log())
		}
	}
	for _, part := range []string{canary, "hidden-word", "--data-raw", "Tenant-I"} {
		if strings.Contains(log(), part) {
			t.Errorf("%q is in %s", part, log())
		}
	}
}

// The tenant is in the header of its platform, which the caller's headers cannot change.
func TestTheHeaderOfTheTenant(t *testing.T) {
	for platform, names := range map[core.Platform][2]string{
		core.PlatformTaegis: {"X-Tenant-Context", "X-Tenant-Id"}, core.PlatformFusion: {"X-Tenant-Id", "X-Tenant-Context"},
	} {
		env := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if got := r.Header.Values(names[0]); len(got) != 1 || got[0] != aTenant {
				t.Errorf("%v: %s: %q", platform, names[0], got)
			}
			if got := r.Header.Values(names[1]); got != nil {
				t.Errorf("%v: %s: %q", platform, names[1], got)
			}
			_, _ = w.Write([]byte(hello))
		})
		env.Platform = platform
		req := greet(env, core.KindQuery)
		req.Tenant = aTenant
		req.Header = http.Header{"X-Tenant-Context": {"1"}, "x-tenant-id": {"2"}, "X-Tenant-ID": {"3"}, "X-TENANT-CONTEXT": {"4"}}
		logger, log := record()
		if err := transport.Log(logger)(new(transport.HTTP)).Execute(t.Context(), req, nil); err != nil {
			t.Fatal(err)
		}
		if want := platform.TenantHeader() + ": " + aTenant; !strings.Contains(log(), want) || strings.Count(log(), "enant-") != 1 {
			t.Errorf("%v: curl: %s", platform, log())
		}
	}
}

// Nothing is sent to the successor without a tenant that it can have, and no subscription at all.
func TestRequestsThatTheSuccessorCannotServe(t *testing.T) {
	env := serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s %s was sent", r.Method, r.URL) })
	env.Platform = core.PlatformFusion
	for _, tenant := range []string{"", "145831", aTenant + " "} {
		req := greet(env, core.KindMutation)
		req.Tenant = tenant
		if fault, ok := errors.AsType[*core.ArgumentError](new(transport.HTTP).Execute(t.Context(), req, nil)); !ok || fault.Argument != "tenant" {
			t.Errorf("%q: %v", tenant, fault)
		}
	}
	req := greet(env, core.KindSubscription)
	req.Tenant = aTenant
	for message, err := range new(transport.HTTP).Subscribe(t.Context(), req) {
		if _, ok := errors.AsType[*core.ArgumentError](err); !ok || message != nil {
			t.Errorf("a subscription: %s, %v", message, err)
		}
	}
}
