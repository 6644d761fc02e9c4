package redact

import (
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// address is a URL within a text: up to white space, or what usually encloses one.
var address = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("[A-Za-z][A-Za-z0-9+.-]*://[^\\s\"'<>`]+") })

// withoutSecrets redacts the user information of a URL, and the values of its query and its
// fragment that have the name of a secret.
func withoutSecrets(found string) string {
	scheme, rest, _ := strings.Cut(found, "://")
	end := strings.IndexAny(rest, "?#")
	if end < 0 {
		end = len(rest)
	}
	return scheme + "://" + withoutUser(rest[:end]) + withoutValues(rest[end:])
}

// withoutUser redacts what stands before the host. A password may hold a slash that should have
// been escaped: what is before an @ is a password unless the part up to the first slash is a host.
func withoutUser(hier string) string {
	authority, path, _ := strings.Cut(hier, "/")
	at := strings.LastIndex(authority, "@")
	if at < 0 && strings.Contains(path, "@") && !isHost(authority) {
		at = strings.LastIndex(hier, "@")
	}
	if at < 0 || hier[:at] == placeholder {
		return hier
	}
	return Mark + hier[at:]
}

// placeholder is a part of a hint that the user has to replace.
const placeholder = "USER:PASSWORD"

func isHost(authority string) bool {
	u, err := url.Parse("//" + authority)
	return err == nil && u.Hostname() != ""
}

// withoutValues redacts values of a query, and of a fragment that looks like one.
func withoutValues(query string) string {
	var b strings.Builder
	for query != "" {
		n := strings.IndexAny(query[1:], "?#&;") + 1
		if n == 0 {
			n = len(query)
		}
		name, value, ok := strings.Cut(query[:n], "=")
		if plain, err := url.QueryUnescape(name[1:]); ok && value != "" && (Name(name[1:]) || err == nil && Name(plain)) {
			b.WriteString(name + "=" + Mark)
		} else {
			b.WriteString(query[:n])
		}
		query = query[n:]
	}
	return b.String()
}

// Address returns what is, or should be, the URL of a server, without user information and without
// the values of its query. It also accepts a text that is not a URL.
func Address(s string) string {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		scheme, rest = "", s
	}
	rest, _, hasQuery := strings.Cut(rest, "?")
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		rest = Mark + rest[at:]
	}
	if hasQuery {
		rest += "?" + Mark
	}
	if ok {
		return scheme + "://" + rest
	}
	return rest
}
