package recordjson_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/recordjson"
)

func TestAppend(t *testing.T) {
	at := time.Date(2026, 3, 1, 13, 0, 0, 5_000_000, time.FixedZone("", 3600))
	full := core.Record{
		Stream: "alerts", Environment: "charlie", Tenant: "145831", ID: "a\"\n\xff", Version: "2", Time: at,
		Data: json.RawMessage(`{"n":18446744073709551616,"t":"\u2028"}`),
	}
	for name, test := range map[string]struct {
		record   core.Record
		envelope bool
		want     string
	}{
		"data as it came":          {full, false, `{"n":18446744073709551616,"t":"\u2028"}`},
		"data on several lines":    {core.Record{Data: json.RawMessage("{\r\n \"a\" : 1,\n\"b\":\" \"}\n")}, false, `{"a":1,"b":" "}`},
		"no JSON on several lines": {core.Record{Data: json.RawMessage("{\n{")}, false, "{ {"},
		"no data":                  {core.Record{}, false, ""},
		"an envelope": {full, true, `{"stream":"alerts","environment":"charlie","tenant":"145831","id":"a\"\n\ufffd","version":"2",` +
			`"time":"2026-03-01T12:00:00.005Z","data":{"n":18446744073709551616,"t":"\u2028"}}`},
		"an empty envelope": {core.Record{}, true, `{"data":null}`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := string(recordjson.Append([]byte("> "), &test.record, test.envelope)); got != "> "+test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}
