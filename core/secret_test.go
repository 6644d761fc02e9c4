package core_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/core"
)

const canary = "canary-5f2e"

func TestNothingPrintsASecret(t *testing.T) {
	type deep struct{ hidden core.Secret }
	s := core.NewSecret(canary)
	token := core.Token{AccessToken: s}
	values := []any{s, &s, token, &token, deep{s}, &deep{s}, []deep{{s}}, map[string]any{"k": deep{s}}, core.Setting{Value: s}, core.Request{Token: s}}
	var out bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&out, nil))
	text := slog.New(slog.NewTextHandler(&out, nil))
	for _, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p", "%T"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		encoded, err := json.Marshal(v)
		if err != nil {
			t.Errorf("%T: %v", v, err)
		}
		out.Write(encoded)
		logger.Info("x", "v", v)
		text.Info("x", "v", v)
	}
	for _, form := range []string{canary, fmt.Sprintf("%x", canary), strings.ToUpper(fmt.Sprintf("%x", canary))} {
		if strings.Contains(out.String(), form) {
			t.Errorf("the secret shows as %q", form)
		}
	}
	if !strings.Contains(out.String(), "[redacted]") {
		t.Error("nothing says that something was redacted")
	}
}

func TestSecretRevealsOnlyOnRequest(t *testing.T) {
	var none core.Secret
	if s := core.NewSecret(canary); s.Reveal() != canary || s.IsZero() || !s.Equal(core.NewSecret(canary)) || s.Equal(none) {
		t.Error("the value is lost")
	}
	if !none.IsZero() || none.Reveal() != "" || none.String() != "" || core.NewSecret("") != none {
		t.Error("the zero Secret is not empty")
	}
}
