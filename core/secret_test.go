package core_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/testutil"
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

// What go-spew, and so testify, finds without calling methods.
func TestReflectionDoesNotReachASecret(t *testing.T) {
	type deep struct{ hidden core.Secret }
	s := core.NewSecret(canary)
	for name, value := range map[string]any{
		"secret": s, "pointer": &s, "unexported": deep{s}, "list": []deep{{s}}, "map": map[string]any{"k": &deep{s}},
		"token": core.Token{AccessToken: s}, "setting": core.Setting{Value: s}, "request": &core.Request{Token: s},
		"interface": any(deep{s}),
	} {
		if text := testutil.Reachable(value); strings.Contains(text, canary) {
			t.Errorf("%s shows %q", name, text)
		}
		var encoded bytes.Buffer
		if err := gob.NewEncoder(&encoded).Encode(value); err == nil && strings.Contains(encoded.String(), canary) {
			t.Errorf("gob encodes %s as %q", name, encoded.String())
		}
	}
	if plain := []any{struct{ text *string }{new(canary)}}; !strings.Contains(testutil.Reachable(plain), canary) {
		t.Error("the walk reaches nothing")
	}
}

func TestEqualSecretsAreEqualForEveryComparison(t *testing.T) {
	a, b, other := core.NewSecret(canary), core.NewSecret(strings.Clone(canary)), core.NewSecret("another")
	type deep struct{ hidden core.Secret }
	if !a.Equal(b) || a != b || !reflect.DeepEqual(deep{a}, deep{b}) || (deep{a}) != (deep{b}) {
		t.Error("two Secrets of one value differ")
	}
	if a.Equal(other) || a == other || reflect.DeepEqual(deep{a}, deep{other}) {
		t.Error("two Secrets of two values are equal")
	}
}

// A Secret that is collected and created again in between compares as equal.
func TestSecretsThatAreMadeAgainReveal(t *testing.T) {
	for range 20 {
		for i := range 100 {
			if value := fmt.Sprint("value ", i); core.NewSecret(value).Reveal() != value {
				t.Fatalf("%q is lost", value)
			}
		}
		runtime.GC()
	}
}

func TestRevealingDoesNotAllocate(t *testing.T) {
	s := core.NewSecret(canary)
	if n := testing.AllocsPerRun(100, func() { _ = s.Reveal() }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
