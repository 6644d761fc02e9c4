package transport_test

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
)

func sign(env core.Environment) *core.Request {
	return &core.Request{
		Operation: &core.Operation{
			Service: "signer", Name: "sign", Kind: core.KindPost, Gateway: "/sign",
			Arguments: []core.Argument{{Name: "file_name", Type: "String!"}, {Name: "content_length", Type: "Int!"}},
		},
		Args: map[string]any{"file_name": "a b.log", "content_length": 12}, Tenant: "11063",
		Environment: env, Token: core.NewSecret("the-token"),
	}
}

func TestPostOfARESTInterface(t *testing.T) {
	var method, query, body, contentType, tenant, bearer string
	env := serve(t, func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		method, query, body = r.Method, r.URL.RawQuery, string(text)
		contentType, tenant, bearer = r.Header.Get("Content-Type"), r.Header.Get("X-Tenant-Context"), r.Header.Get("Authorization")
		_, _ = io.WriteString(w, `{"location": "https://x"}`)
	})
	var out struct{ Location string }
	logger, logged := record()
	if err := transport.Log(logger)(new(transport.HTTP)).Execute(t.Context(), sign(env), &out); err != nil || out.Location != "https://x" {
		t.Errorf("%+v, %v", out, err)
	}
	if method != "POST" || query != "content_length=12&file_name=a+b.log" || body != "" || contentType != "" {
		t.Errorf("%s ?%s, body %q, type %q", method, query, body, contentType)
	}
	if tenant != "11063" || bearer != "Bearer the-token" {
		t.Errorf("tenant %q, token %q", tenant, bearer)
	}
	if curl := logged(); !strings.Contains(curl, "-X POST") || !strings.Contains(curl, "X-Tenant-Context: 11063") || strings.Contains(curl, "https://x") {
		t.Errorf("logged %s", curl)
	}
}

func TestRefusalsOfARESTInterfaceGiveTheirReason(t *testing.T) {
	for _, c := range []struct {
		name, media, body, want string
	}{
		{"text", "text/plain; charset=utf-8", "file_name: no plain-text extension\n", "file_name: no plain-text extension"},
		{"text with a secret", "text/plain", "the-token is old", "[redacted] is old"},
		{"long text", "text/plain", strings.Repeat("x", 9000), "xxx"},
		{"object", "application/json", `{"message": "too large"}`, "too large"},
		{"page", "text/html", "<html>", "HTML page"},
		{"empty", "text/plain", "", "empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			env := serve(t, answering(http.StatusBadRequest, c.body, "Content-Type", c.media))
			err := new(transport.HTTP).Execute(t.Context(), sign(env), nil)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "the-token") || len(err.Error()) > 600 {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestARepeatablePostIsRepeated(t *testing.T) {
	for once, want := range map[bool]int{false: 2, true: 1} {
		var tries atomic.Int32
		req := sign(serve(t, func(w http.ResponseWriter, _ *http.Request) {
			tries.Add(1)
			w.WriteHeader(http.StatusBadGateway)
		}))
		req.Operation.NonIdempotent = once
		err := transport.Retry(core.RetryLimits{MaxTries: 2})(new(transport.HTTP)).Execute(t.Context(), req, nil)
		if err == nil || int(tries.Load()) != want {
			t.Errorf("NonIdempotent %v: %d tries, want %d, %v", once, tries.Load(), want, err)
		}
	}
}
