package output

import (
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	for value, want := range map[string]string{
		`"2026-03-01T12:00:00Z"`:             "2026-03-01T12:00:00Z",
		`"2026-03-01T12:00:00.5+01:00"`:      "2026-03-01T11:00:00.5Z",
		`{"seconds":1772366400,"nanos":5}`:   "2026-03-01T12:00:00.000000005Z",
		`{"nanos":0,"seconds":"1772366400"}`: "",
		`1772366400`:                         "2026-03-01T12:00:00Z",
		`1772366400123`:                      "2026-03-01T12:00:00.123Z",
		`1772366400123456`:                   "2026-03-01T12:00:00.123456Z",
		`0`:                                  "",
		`-5`:                                 "",
		`"yesterday"`:                        "",
		`{}`:                                 "",
		`9223372036854775808`:                "",
		`true`:                               "",
	} {
		got, ok := parseTime([]byte(value))
		if ok != (want != "") || ok && got.UTC().Format(time.RFC3339Nano) != want {
			t.Errorf("%s: %v, %v, want %q", value, got, ok, want)
		}
	}
}
