package core_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/redact"
)

// hostileText tries to steer the terminal, to pass for lines of its own, and repeats secrets.
const hostileText = "x\x1b[2J\u009b31m\u202e\u200b\U000e0041\x9b\r\ntaegis: warning: forged\u2028forged ghp_0123456789abcdefABCD https://ann:pw1@host/?token=tk1"

// Whatever the fields of an error hold, its text is lines that a terminal can show, without
// secrets, and only a list has more than one, which are indented.
func TestErrorsAreFitToBeShown(t *testing.T) {
	for _, err := range []error{
		&core.UnknownEnvironmentError{}, &core.BaseURLError{}, &core.UnavailableError{}, &core.LoginError{}, &core.SaveError{},
		&core.StoreError{}, &core.FileError{}, &core.ResponseError{}, &core.ConnectionError{}, &core.ArgumentError{}, &core.DecodeError{},
		&core.SchemaError{}, &core.LimitError{}, &core.TLSError{}, &core.ChainError{},
		core.GraphQLError{},
	} {
		value := reflect.New(reflect.Indirect(reflect.ValueOf(err)).Type())
		fill(value.Elem())
		filled, ok := reflect.TypeAssert[error](value)
		if !ok {
			t.Fatalf("%T is no error", err)
		}
		shown := filled.Error()
		for i, line := range strings.Split(shown, "\n") {
			if i > 0 && (reflect.TypeOf(filled) != reflect.TypeFor[*core.ChainError]() || !strings.HasPrefix(line, "  ")) {
				t.Errorf("%T has the line %q", err, line)
			}
			for _, r := range line {
				if !unicode.IsPrint(r) {
					t.Errorf("%T shows %q: %q", err, r, line)
				}
			}
		}
		for _, secret := range []string{"ghp_", "pw1", "tk1"} {
			if strings.Contains(shown, secret) {
				t.Errorf("%T shows %s: %s", err, secret, shown)
			}
		}
		if !strings.Contains(shown, `x\x1b[2J`) || !strings.Contains(shown, redact.Mark) {
			t.Errorf("%T shows too little: %s", err, shown)
		}
	}
}

// fill puts the text into all that can hold it.
func fill(v reflect.Value) {
	switch {
	case v.Type() == reflect.TypeFor[error]():
		v.Set(reflect.ValueOf(errors.New(hostileText)))
	case v.Type() == reflect.TypeFor[[]any]():
		v.Set(reflect.ValueOf([]any{hostileText, 3}))
	case v.Kind() == reflect.String:
		v.SetString(hostileText)
	case v.Kind() == reflect.Struct:
		for _, field := range v.Fields() {
			fill(field)
		}
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0))
		fill(v.Index(1))
	}
}

// A server that talks at length does not push away what follows it.
func TestErrorsAreShort(t *testing.T) {
	long := strings.Repeat("x\n", 1<<20)
	for _, err := range []error{
		&core.ResponseError{Operation: "op", Status: 500, Reason: long, RequestID: "r-1"},
		&core.ResponseError{Operation: "op", Status: 200, Errors: []core.GraphQLError{{Message: long}, {Message: long}}, Err: core.ErrUnauthorized, RequestID: "r-1"},
		&core.ResponseError{Operation: "op", Status: 200, Errors: make([]core.GraphQLError, 1<<16), RequestID: "r-1"},
	} {
		if shown := err.Error(); len(shown) > 2<<10+200 || !strings.HasSuffix(shown, "(request r-1)") {
			t.Errorf("%d bytes: %s", len(shown), shown[max(0, len(shown)-80):])
		}
	}
	if shown := (core.GraphQLError{Message: long}).Error(); len(shown) > 2<<10+len("…") {
		t.Errorf("%d bytes", len(shown))
	}
}
