package proxy_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/http/httpproxy"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/proxy"
)

// from returns the rules of variables.
func from(variables map[string]string) *proxy.Rules {
	return proxy.Read(func(name string) (string, bool) { value, ok := variables[name]; return value, ok })
}

func target(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestValuesThatAreProxies(t *testing.T) {
	for value, want := range map[string]string{
		"http://proxy:3128":          "http://proxy:3128",
		"proxy:3128":                 "http://proxy:3128",
		"proxy.example":              "http://proxy.example",
		"10.0.0.1:8080":              "http://10.0.0.1:8080",
		"[fd00::1]:8080":             "http://[fd00::1]:8080",
		"https://proxy":              "https://proxy",
		"HTTP://proxy:3128/":         "http://proxy:3128/",
		"socks5://proxy:1080":        "socks5://proxy:1080",
		"socks5h://proxy":            "socks5h://proxy",
		"socks://proxy:1080/":        "socks5://proxy:1080/",
		"http://ann:p%40ss@proxy:1":  "http://ann:p%40ss@proxy:1",
		"ann:secret@proxy:3128":      "http://ann:secret@proxy:3128",
		" \"http://proxy:3128\"\r\n": "http://proxy:3128",
		"\ufeffhttp://proxy\u00a0":   "http://proxy",
		"'proxy:3128'":               "http://proxy:3128",
	} {
		for _, name := range []string{"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"} {
			got, err := from(map[string]string{name: value}).For(target(t, "https://api.example"))
			if err != nil || got == nil || got.String() != want {
				t.Errorf("%s=%q: %v, %v", name, value, got, err)
			}
		}
	}
}

func TestValuesThatAreNoProxies(t *testing.T) {
	const secret = "Sesame"
	for _, value := range []string{
		"://proxy", "http://", "http:/proxy:3128", "http//proxy:3128", "http:proxy:3128", "http://http://proxy:3128",
		"htp://proxy", "ftp://proxy", "socks4://proxy", "file:///proxy.pac", "http://[::1", "http://proxy:port", "http://proxy:99999",
		"http://proxy:0", "http://ann:" + secret + "#@proxy:3128", "ann:" + secret + "/x@proxy:3128", "http://ann:12/" + secret + "@proxy:3128",
		"http://ann:1?" + secret + "@proxy:3128", "http://ann:" + secret + "%@proxy:3128", "http://ann:" + secret + " x@proxy:3128",
		"http://proxy:3128\nhttp://" + secret, "http://pro xy", "none", "direct", "0", "false", "off", `http:\\proxy:3128`, "http://proxy?x=" + secret,
	} {
		for _, name := range []string{"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY"} {
			rules := from(map[string]string{name: value})
			for _, to := range []string{"https://api.example", "http://api.example", "https://127.0.0.1"} {
				got, err := rules.For(target(t, to))
				fault, ok := errors.AsType[*core.ProxyError](err)
				if got != nil || !ok || fault.Variable != name || fault.Temporary() || core.Hint(err) == "" {
					t.Errorf("%s=%q, %s: %v, %v", name, value, to, got, err)
				} else if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "ann") {
					t.Errorf("%s=%q is shown: %v", name, value, err)
				}
			}
			if rules.Err() == nil {
				t.Errorf("%s=%q: no error", name, value)
			}
		}
	}
}

func TestWhichVariableCounts(t *testing.T) {
	for name, test := range map[string]struct {
		variables map[string]string
		to, want  string
		set       []string
	}{
		"none":                 {nil, "https://x", "", nil},
		"empty":                {map[string]string{"HTTPS_PROXY": "", "https_proxy": " ", "ALL_PROXY": `""`}, "https://x", "", nil},
		"upper case first":     {map[string]string{"HTTPS_PROXY": "a", "https_proxy": "b"}, "https://x", "http://a", []string{"HTTPS_PROXY"}},
		"lower case":           {map[string]string{"HTTPS_PROXY": "", "https_proxy": "b"}, "https://x", "http://b", []string{"https_proxy"}},
		"by scheme":            {map[string]string{"HTTPS_PROXY": "a", "HTTP_PROXY": "b"}, "http://x", "http://b", []string{"HTTPS_PROXY", "HTTP_PROXY"}},
		"not for https":        {map[string]string{"HTTP_PROXY": "b"}, "https://x", "", []string{"HTTP_PROXY"}},
		"all, for https":       {map[string]string{"ALL_PROXY": "socks5://c"}, "https://x", "socks5://c", []string{"ALL_PROXY"}},
		"all, for http":        {map[string]string{"all_proxy": "c"}, "http://x", "http://c", []string{"all_proxy"}},
		"https before all":     {map[string]string{"ALL_PROXY": "c", "https_proxy": "a"}, "https://x", "http://a", []string{"https_proxy", "ALL_PROXY"}},
		"a bad one not needed": {map[string]string{"ALL_PROXY": "bad://", "HTTPS_PROXY": "a", "HTTP_PROXY": "b"}, "https://x", "http://a", []string{"HTTPS_PROXY", "HTTP_PROXY"}},
		"no proxy":             {map[string]string{"HTTPS_PROXY": "a", "no_proxy": ` "y, x" `}, "https://x", "", []string{"HTTPS_PROXY"}},
	} {
		t.Run(name, func(t *testing.T) {
			rules := from(test.variables)
			got, err := rules.For(target(t, test.to))
			address := ""
			if got != nil {
				address = proxy.Address(got)
			}
			if err != nil || address != test.want || !slices.Equal(rules.Set(), test.set) {
				t.Errorf("%q of %q, %v", address, rules.Set(), err)
			}
			again, err := proxy.New(rules.Values()).For(target(t, test.to))
			if err != nil || (again == nil) != (got == nil) || got != nil && again.String() != got.String() {
				t.Errorf("in another process: %v, %v", again, err)
			}
		})
	}
}

// The rules of NO_PROXY are those of golang.org/x/net, which has tables for names beyond ASCII that
// are too large to link.
func TestNoProxyIsThatOfTheNetPackage(t *testing.T) {
	entries := []string{
		"", "*", "example.com", ".example.com", "*.example.com", "EXAMPLE.com", "com", "ample.com", "example.com:443", "example.com:8443",
		".example.com:443", "10.0.0.1", "10.0.0.1:443", "10.0.0.0/8", "10.1.2.3/8", "fd00::1", "[fd00::1]", "[fd00::1]:443", "fd00::/8",
		"127.0.0.1", "a,b", " example.com , 10.0.0.1 ", ",,", ":443", ".", "*.", "192.168.0.0/33", "api.example.com", "::ffff:10.0.0.1",
	}
	hosts := []string{
		"example.com", "api.example.com", "a.api.example.com", "badexample.com", "EXAMPLE.COM", "com", "10.0.0.1", "10.0.0.2", "11.0.0.1",
		"[fd00::1]", "[fd00::2]", "127.0.0.1", "127.8.8.8", "[::1]", "localhost", "b", "[::ffff:10.0.0.1]", "[::ffff:127.0.0.1]",
	}
	compared, direct := 0, 0
	for _, first := range entries {
		for _, second := range entries {
			list := first + "," + second
			config := &httpproxy.Config{HTTPProxy: "http://p:1", HTTPSProxy: "http://q:2", NoProxy: list}
			theirs, ours := config.ProxyFunc(), proxy.New("http://q:2", "http://p:1", list)
			for _, host := range hosts {
				for _, form := range []string{"https://%", "https://%:8443", "http://%", "http://%:443"} {
					to := target(t, strings.Replace(form, "%", host, 1))
					want, _ := theirs(to)
					got, err := ours.For(to)
					compared++
					if want == nil {
						direct++
					}
					if err != nil || (got == nil) != (want == nil) || got != nil && got.String() != want.String() {
						t.Errorf("NO_PROXY=%q, %s: %v, %v, want %v", list, to, got, err, want)
					}
				}
			}
		}
	}
	if compared < 50_000 || direct < compared/10 || direct > compared*9/10 {
		t.Errorf("%d of %d were direct", direct, compared)
	}
}

func TestRefusals(t *testing.T) {
	const secret = "Sesame"
	rules := from(map[string]string{"HTTPS_PROXY": "http://ann:" + secret + "@proxy:3128", "HTTP_PROXY": "http://other:3128"})
	withPassword, without := target(t, "http://ann:"+secret+"@proxy:3128"), target(t, "http://other:3128")
	for name, test := range map[string]struct {
		proxy     *url.URL
		status    int
		offers    []string
		want      []string
		temporary bool
	}{
		"no password":        {without, 407, nil, []string{"HTTP_PROXY", "http://other:3128", "answered 407", "USER:PASSWORD", "not those of Taegis"}, false},
		"wrong password":     {withPassword, 407, []string{`Basic realm="x"`}, []string{"HTTPS_PROXY", "http://proxy:3128", "does not accept", "not those of Taegis"}, false},
		"one of two methods": {withPassword, 407, []string{"Negotiate, basic realm=x"}, []string{"does not accept"}, false},
		"another method":     {withPassword, 407, []string{"NTLM", "Negotiate"}, []string{"another method", "Basic"}, false},
		"forbidden":          {withPassword, 403, nil, []string{"answered 403", "administrator"}, false},
		"unreachable host":   {withPassword, 502, nil, []string{"answered 502"}, true},
		"overloaded":         {withPassword, 429, nil, []string{"answered 429"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			err := rules.OnConnect(t.Context(), test.proxy, nil, &http.Response{StatusCode: test.status, Header: http.Header{"Proxy-Authenticate": test.offers}})
			fault, ok := errors.AsType[*core.ProxyError](err)
			if !ok || fault.Status != test.status || fault.Temporary() != test.temporary || fault.Hint() == "" {
				t.Fatalf("%#v", err)
			}
			for _, word := range test.want {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("%q is missing in %q", word, err)
				}
			}
			if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "ann") {
				t.Errorf("the password is shown: %v", err)
			}
		})
	}
}
