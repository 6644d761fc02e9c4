package otlp

import (
	"fmt"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/recordjson"
)

// logRecord returns a record as a log record in the JSON encoding of OTLP.
func logRecord(r *core.Record) []byte {
	log := []byte{'{'}
	if !r.Time.IsZero() {
		log = fmt.Appendf(log, `"timeUnixNano":"%d",`, r.Time.UnixNano())
	}
	log = append(log, `"body":{"stringValue":`...)
	log = recordjson.Quote(log, string(recordjson.Append(nil, r, false)))
	log = append(log, `},"attributes":[`...)
	first := true
	for _, a := range []struct{ name, value string }{
		{"taegis.stream", r.Stream},
		{"taegis.environment", r.Environment},
		{"taegis.tenant", r.Tenant},
		{"taegis.id", r.ID},
		{"taegis.version", r.Version},
	} {
		if a.value == "" {
			continue
		}
		if !first {
			log = append(log, ',')
		}
		log, first = attribute(log, a.name, a.value), false
	}
	return append(log, "]}"...)
}

// attribute appends an attribute with a text.
func attribute(dst []byte, name, value string) []byte {
	dst = recordjson.Quote(append(dst, `{"key":`...), name)
	dst = recordjson.Quote(append(dst, `,"value":{"stringValue":`...), value)
	return append(dst, "}}"...)
}
