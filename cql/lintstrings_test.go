package cql_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/cql"
)

func TestLintOfStrings(t *testing.T) {
	for _, c := range []struct{ condition, want string }{
		{`a = 'C:\\new\\tools'`, `two backslashes are two backslashes: write 'C:\new\tools'`},
		{`a CONTAINS '\\\\server\\share'`, `write '\\server\share'`},
		{`a = 'one\ntwo three'`, `in a plain string \n is a backslash and an n: write e'one\ntwo three'`},
		{`a = e'C:\new\tools'`, `write 'C:\new\tools'`},
		{`a = e'C:\temp'`, `write 'C:\temp'`},
		{`a MATCHES e'D:\new *'`, `write 'D:\new *'`},
		{`a = e'\temp\new\x\'s'`, ``}, // \x is an error
		{`a = e'\temp\new'`, `write '\temp\new'`},
		{`a = e'\temp\new\'s'`, `write e'\\temp\\new\'s'`},
		{`a MATCHES_REGEX e'\bcmd\b'`, `\b is a backspace, not the end of a word: write '\bcmd\b'`},
		{
			`a MATCHES '.*\.example\.net'`,
			`MATCHES takes a glob, and this is a regular expression: write MATCHES_REGEX '.*\.example\.net'`,
		},
		{`a !MATCHES '^x$'`, `write !MATCHES_REGEX '^x$'`},
		{`a MATCHES ('*.x','(a|b)')`, `write MATCHES_REGEX '(a|b)'`},
		{`a MATCHES '[a-z]*'`, `write MATCHES_REGEX`},
		{`a MATCHES '\d+'`, `write MATCHES_REGEX`},
		{`a MATCHES 'bad\.example*'`, `write MATCHES_REGEX 'bad\.example*'`},
		{`a MATCHES '*\.exe$'`, `write MATCHES_REGEX`},
		{`a MATCHES_REGEX '.*\\.exe'`, `write '.*\.exe'`},
		{`a MATCHES_REGEX '\\d+'`, `write '\d+'`},
		{`@domain MATCHES_REGEX 'bad\.example|worse\.example'`, `write '^(?:bad\.example|worse\.example)$'`},
		{`a = e'C:\Windows\new'`, `write 'C:\Windows\new': e'…' has`},
		{`a MATCHES '%enc%'`, `% is only itself in a glob: write '*enc*'`},
		{
			`a MATCHES 'powershell'`,
			`a glob without * matches equal values only: write CONTAINS 'powershell' for a part of the value, or = 'powershell'`,
		},
		{
			`a !MATCHES 'powershell'`,
			`write !CONTAINS 'powershell' for a part of the value, or != 'powershell'`,
		},
		{`a = '*.example.net'`, `* is only itself here: write MATCHES '*.example.net'`},
		{`a != 'login-*'`, `write !MATCHES 'login-*'`},
		{`a IN ('x','login-*')`, `write MATCHES 'login-*'`},
		{`a CONTAINS '*enc*'`, `write CONTAINS 'enc'`},
		{`a !CONTAINS '%enc%'`, `write !CONTAINS 'enc'`},
		{`a = '*'`, `write IS NOT NULL`},
		{`a CONTAINS ''`, `every text contains ''`},
		{`a CONTAINS '.*enc.*'`, `write MATCHES_REGEX '.*enc.*'`},
		{`a = '^enc.*$'`, `write MATCHES_REGEX '^enc.*$'`},
		{`a MATCHES_REGEX ''`, `every text matches ''`},
		{
			`a MATCHES_REGEX '*.example.net'`,
			`error: MATCHES_REGEX takes a regular expression, and this is a glob: write MATCHES '*.example.net'`,
		},
		{
			`a MATCHES_REGEX 'login-*'`,
			`warning: MATCHES_REGEX takes a regular expression, and this is a glob: write MATCHES 'login-*'`,
		},
		{`a !MATCHES_REGEX 'x*'`, `write !MATCHES 'x*'`},
		{`a MATCHES_REGEX '(a'`, "error: invalid regular expression: missing closing ): `(a`"},
		{`a MATCHES_REGEX ('x','a[')`, `error: invalid regular expression`},
		{`a MATCHES_REGEX '(?=a)b'`, `warning: not all engines`},
		{`a MATCHES_REGEX '(a)\1'`, `warning: not all engines`},
		{`@domain MATCHES_REGEX 'bad.example'`, `write '^bad\.example$'`},
		{
			`@domain MATCHES_REGEX ('bad\.example','^worse.example$')`,
			`the match need not span the value: write '^bad\.example$'`,
		},
		{`@domain MATCHES_REGEX ('bad\.example','^worse.example$')`, `write '^worse\.example$'`},
		{`@ip !MATCHES_REGEX '192.0.2.7'`, `write '^192\.0\.2\.7$'`},
		{`a MATCHES_REGEX '.*cmd.exe.*'`, `write '.*cmd\.exe.*'`},
		{`a MATCHES_REGEX '\Qa.b\Ec.d[e.f]'`, `write '\Qa.b\Ec\.d[e.f]'`},
	} {
		text := fmt.Sprintf("FROM process WHERE %s EARLIEST=-1d", c.condition)
		if found := findings(cql.Lint(text, cql.LintOptions{})); !strings.Contains(found, c.want) {
			t.Errorf("%s\ngot  %s\nwant %s", text, found, c.want)
		}
	}
}
