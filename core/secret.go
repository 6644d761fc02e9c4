package core

import (
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"sync"
	"weak"

	"github.com/taegis-go/taegis/internal/redact"
)

// Secret is a value that must not be shown: a token, a password, a client secret, a code. Printing,
// encoding and logging write "[redacted]" in its place; only [Secret.Reveal] returns the value. The
// zero Secret is empty. Two Secrets with the same value are equal, also by == and
// [reflect.DeepEqual].
//
// Printers that follow pointers and read unexported fields, for example those of test libraries,
// ignore the methods of a Secret. They print the address of a function, never the value.
type Secret struct{ hidden *hidden }

// hidden keeps a value in the closure of a function, which reflection cannot read.
type hidden struct{ reveal func() string }

// secrets holds the hidden value of each Secret in use, so that equal Secrets share a pointer and
// can be compared: functions cannot.
var secrets = struct {
	sync.Mutex
	known map[string]weak.Pointer[hidden]
}{known: map[string]weak.Pointer[hidden]{}}

// NewSecret returns a Secret that hides value. For an empty value it returns the zero Secret.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	secrets.Lock()
	defer secrets.Unlock()
	if h := secrets.known[value].Value(); h != nil {
		return Secret{h}
	}
	h := &hidden{func() string { return value }}
	secrets.known[value] = weak.Make(h)
	runtime.AddCleanup(h, forgetSecret, value)
	return Secret{h}
}

// forgetSecret removes a value that no Secret holds, unless a new Secret holds it since.
func forgetSecret(value string) {
	secrets.Lock()
	defer secrets.Unlock()
	if secrets.known[value].Value() == nil {
		delete(secrets.known, value)
	}
}

// Reveal returns the hidden value, "" for the zero Secret.
func (s Secret) Reveal() string {
	if s.hidden == nil {
		return ""
	}
	return s.hidden.reveal()
}

// IsZero reports whether there is no value.
func (s Secret) IsZero() bool { return s.hidden == nil }

// Equal reports whether both secrets have the same value.
func (s Secret) Equal(other Secret) bool { return s.Reveal() == other.Reveal() }

// String returns "[redacted]", or "" for the zero Secret.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return redact.Mark
}

// Format writes the result of String for every verb, so that no verb prints the value.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText returns the result of String; encoders of JSON, YAML and other formats call it.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue returns the result of String for logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
