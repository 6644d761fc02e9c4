// Package recordjson writes exported records as lines of JSON.
package recordjson

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"github.com/taegis-go/taegis/core"
)

// Append appends the data of a record to dst, on one line, without a line end. If envelope is set,
// it appends an object with the record's stream, environment, tenant, id, version and time, and the
// data.
func Append(dst []byte, r *core.Record, envelope bool) []byte {
	if !envelope {
		return append(dst, oneLine(r.Data)...)
	}
	dst = append(dst, '{')
	for _, field := range []struct{ name, value string }{
		{"stream", r.Stream}, {"environment", r.Environment}, {"tenant", r.Tenant}, {"id", r.ID}, {"version", r.Version},
	} {
		if field.value != "" {
			dst = append(Quote(append(dst, `"`+field.name+`":`...), field.value), ',')
		}
	}
	if !r.Time.IsZero() {
		dst = append(r.Time.UTC().AppendFormat(append(dst, `"time":"`...), time.RFC3339Nano), `",`...)
	}
	dst = append(dst, `"data":`...)
	if len(r.Data) == 0 {
		return append(dst, "null}"...)
	}
	return append(append(dst, oneLine(r.Data)...), '}')
}

// oneLine returns JSON on one line. Line ends stand between values only, so that most JSON needs no
// change.
func oneLine(data []byte) []byte {
	if !bytes.ContainsAny(data, "\r\n") {
		return data
	}
	var line bytes.Buffer
	if json.Compact(&line, data) != nil {
		return bytes.Map(spaced, data) // it is not JSON, and must still not become two lines
	}
	return line.Bytes()
}

func spaced(r rune) rune {
	if r == '\n' || r == '\r' {
		return ' '
	}
	return r
}

// Quote appends text to dst as a JSON string. Bytes that are no UTF-8 become U+FFFD.
func Quote(dst []byte, text string) []byte {
	quoted, err := json.Marshal(text)
	if err != nil {
		return strconv.AppendQuote(dst, text) // a string always has a form in JSON
	}
	return append(dst, quoted...)
}
