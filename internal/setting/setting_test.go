package setting_test

import (
	"testing"

	"github.com/taegis-go/taegis/internal/setting"
)

func TestClean(t *testing.T) {
	for name, test := range map[string]struct {
		given, want string
		quoted      bool
	}{
		"nothing":                     {"us1", "us1", false},
		"empty":                       {"", "", false},
		"white space alone":           {" \t\r\n", "", false},
		"white space":                 {" \tus1 \v\f", "us1", false},
		"line ends":                   {"us1\r\n\n", "us1", false},
		"no-break space":              {"\u00a0us1\u202f", "us1", false},
		"byte order mark":             {"\ufeffus1", "us1", false},
		"zero width":                  {"\u200b\u200c\u200dus1\u2060\ufe0f", "us1", false},
		"direction":                   {"\u200e\u202aus1\u202c\u2069", "us1", false},
		"blank letters":               {"\u3164us1\u2800", "us1", false},
		"double quotes":               {`"us1"`, "us1", true},
		"single quotes":               {`'us1'`, "us1", true},
		"backquotes":                  {"`us1`", "us1", true},
		"quotes of a word processor":  {"“us1”", "us1", true},
		"single ones of one":          {"‘us1’", "us1", true},
		"quotes within quotes":        {`"'us1'"`, "us1", true},
		"white space outside, inside": {" \" us1\u00a0\" \n", "us1", true},
		"nothing in quotes":           {`""`, "", true},
		"white space in quotes":       {`" "`, "", true},
		"one quote":                   {`"`, `"`, false},
		"quote at the beginning":      {`"us1`, `"us1`, false},
		"different quotes":            {`"us1'`, `"us1'`, false},
		"two quoted words":            {`"a" "b"`, `"a" "b"`, false},
		"inner white space":           {"a b\u00a0c", "a b\u00a0c", false},
		"byte of Latin-1":             {"/home/ren\xe9", "/home/ren\xe9", false},
		"letters beyond ASCII":        {"é", "é", false},
	} {
		t.Run(name, func(t *testing.T) {
			got, quoted := setting.Clean(test.given)
			if got != test.want || quoted != test.quoted {
				t.Errorf("%q, %v", got, quoted)
			}
			if again, _ := setting.Clean(got); again != got {
				t.Errorf("cleaned twice: %q", again)
			}
		})
	}
}

func TestToken(t *testing.T) {
	for given, want := range map[string]string{
		"abc":                             "abc",
		"Bearer abc":                      "abc",
		"bearer\tabc\n":                   "abc",
		"BEARER  \u00a0abc":               "abc",
		`"Bearer abc"`:                    "abc",
		`Bearer "abc"`:                    "abc",
		"Bearer Bearer abc":               "abc",
		"Authorization: Bearer abc":       "abc",
		`'authorization:bearer abc' `:     "abc",
		"Bearer":                          "",
		"Bearer ":                         "",
		"bearerabc":                       "bearerabc",
		"\ufeffBearer abc.def.ghi\u200b ": "abc.def.ghi",
		"":                                "",
	} {
		if got, _ := setting.Token(given); got != want {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
	if _, quoted := setting.Token(`Bearer "abc"`); !quoted {
		t.Error("quotes behind Bearer are not reported")
	}
}

func TestBool(t *testing.T) {
	for _, off := range []string{"", " ", "0", "false", "False", "FALSE", "f", "no", "No", "n", "off", " no\r\n", `"0"`, "''", "\ufefffalse"} {
		if setting.Bool(off) {
			t.Errorf("%q switches on", off)
		}
	}
	for _, on := range []string{"1", "true", "yes", "on", "y", "TRUE", " 1\n", `"true"`, "never"} {
		if !setting.Bool(on) {
			t.Errorf("%q does not switch on", on)
		}
	}
}

func TestWhatAHeaderCanCarry(t *testing.T) {
	for _, id := range []string{"", "145831", "00000", "6a1b-Z_.~:/", "a b"} {
		if fault := setting.TenantFault(id); fault != "" {
			t.Errorf("%q: %s", id, fault)
		}
	}
	for _, id := range []string{"a\nb", "a\r\nX-Evil: 1", "a,b", "a\tb", "a\x00", "a\x7f", "\u00e9", "a\u200bb", "\xff"} {
		if setting.TenantFault(id) == "" {
			t.Errorf("%q is taken for a tenant", id)
		}
	}
}
