package syslog

import (
	"fmt"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/recordjson"
)

// format formats messages of RFC 5424, section 6.
type format struct {
	priority          int
	hostname, appName string
	structuredID      string
	envelope          bool
}

// timestamp is RFC 3339 with as many digits as section 6.2.3 permits.
const timestamp = "2006-01-02T15:04:05.000000Z07:00"

func (f *format) message(r *core.Record) []byte {
	message := fmt.Appendf(nil, "<%d>1 ", f.priority)
	if r.Time.IsZero() {
		message = append(message, '-')
	} else {
		message = r.Time.UTC().AppendFormat(message, timestamp)
	}
	message = fmt.Appendf(message, " %s %s - %s ", f.hostname, f.appName, messageID(r.Stream))
	message = append(f.structured(message, r), ' ')
	return recordjson.Append(message, r, f.envelope)
}

// messageID returns a text as a MSGID: at most 32 visible characters of ASCII.
func messageID(text string) string {
	text = strings.Map(func(c rune) rune {
		if c <= ' ' || c > '~' {
			return '_'
		}
		return c
	}, text)
	if text == "" {
		return "-"
	}
	return text[:min(len(text), 32)]
}

var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `]`, `\]`)

// structured appends the structured data of section 6.3.
func (f *format) structured(message []byte, r *core.Record) []byte {
	if f.structuredID == "" {
		return append(message, '-')
	}
	message = append(append(message, '['), f.structuredID...)
	for _, p := range []struct{ name, value string }{
		{"stream", r.Stream},
		{"environment", r.Environment},
		{"tenant", r.Tenant},
		{"id", r.ID},
		{"version", r.Version},
	} {
		if p.value != "" {
			message = fmt.Appendf(message, ` %s="%s"`, p.name, escape.Replace(strings.ToValidUTF8(p.value, "\ufffd")))
		}
	}
	return append(message, ']')
}

// facilities and severities are in the order of their numbers (section 6.2.1).
func facilities() []string {
	return []string{
		"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
		"ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
	}
}

func severities() []string {
	return []string{"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"}
}
