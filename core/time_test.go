package core_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/core"
)

func TestTimeDecodesEachForm(t *testing.T) {
	for text, want := range map[string]string{
		`{"seconds":1772323200,"nanos":250000000}`: "2026-03-01T00:00:00.25Z",
		`{"seconds":1772323200}`:                   "2026-03-01T00:00:00Z",
		`{"seconds":"1772323200","nanos":null}`:    "2026-03-01T00:00:00Z",
		`{"nanos":1}`:                              "1970-01-01T00:00:00.000000001Z",
		`{"seconds":-1}`:                           "1969-12-31T23:59:59Z",
		`"2026-03-01T00:00:00Z"`:                   "2026-03-01T00:00:00Z",
		`"2026-03-01T00:00:00"`:                    "2026-03-01T00:00:00Z",
		`"2026-03-01T01:00:00+01:00"`:              "2026-03-01T00:00:00Z",
		`"2026-03-01T01:00:00.5+0100"`:             "2026-03-01T00:00:00.5Z",
		`"2026-03-01 00:00:00.123456"`:             "2026-03-01T00:00:00.123456Z",
		`"2026-03-01 00:00:00.1 +00:00"`:           "2026-03-01T00:00:00.1Z",
		`"2026-03-01T00:00:00.123456789Z"`:         "2026-03-01T00:00:00.123456789Z",
		`1772323200000000`:                         "2026-03-01T00:00:00Z",
		`1772323200000001`:                         "2026-03-01T00:00:00.000001Z",
		`"1772323200000001"`:                       "2026-03-01T00:00:00.000001Z",
		`1.7723232e15`:                             "2026-03-01T00:00:00Z",
		`null`:                                     "",
		`""`:                                       "",
		`0`:                                        "",
		`{}`:                                       "",
		`{"seconds":0,"nanos":0}`:                  "",
	} {
		var got core.Time
		err := json.Unmarshal([]byte(text), &got)
		if err != nil || got.IsZero() != (want == "") || want != "" && core.FormatTime(got.Time) != want {
			t.Errorf("%s: %s, %v; want %s", text, core.FormatTime(got.Time), err, want)
		}
	}
}

func TestTimeRejectsOtherValues(t *testing.T) {
	for _, text := range []string{
		`true`, `[]`, `"now"`, `"2026-03-01"`, `"2026-02-30T00:00:00Z"`,
		`"2026-03-01T00:00:00.1234567891Z x"`,
		`{"seconds":"x"}`, `{"seconds":[1]}`, `{"nanos":true}`, `{"seconds":1e300}`,
		`{"seconds":99999999999999999}`,
		`1e300`, `"` + strings.Repeat("x", 10_000) + `"`,
	} {
		got := core.Time{Time: time.Unix(1, 0)}
		err := json.Unmarshal([]byte(text), &got)
		var bad *core.TimeError
		if !errors.As(err, &bad) || len(err.Error()) > 200 || got.Unix() != 1 {
			t.Errorf("%.60s: %v, %v", text, got, err)
		}
	}
	if err := json.Unmarshal([]byte(`{`), new(core.Time)); err == nil {
		t.Error("no error")
	}
}

func TestTimeFromDecodedRows(t *testing.T) {
	var row map[string]any
	text := `{"event_time_usec":1772323200000000,"created_at":{"seconds":1772323200,"nanos":0},"updated":"2026-03-01T00:00:00Z"}`
	if err := json.Unmarshal([]byte(text), &row); err != nil {
		t.Fatal(err)
	}
	want := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	row["int"], row["int64"] = int(want.UnixMicro()), want.UnixMicro()
	row["time"], row["Time"] = want, core.Time{Time: want}
	for name, value := range row {
		if got, err := core.TimeFrom(value); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if got, err := core.TimeFrom(row["absent"]); err != nil || !got.IsZero() {
		t.Error(got, err)
	}
	if _, err := core.TimeFrom(struct{}{}); err == nil {
		t.Error("no error")
	}
}

func TestTimeEncodes(t *testing.T) {
	for want, value := range map[string]core.Time{
		`null`: {},
		`"2026-03-01T00:00:00.25Z"`: {time.Date(2026, 3, 1, 1, 0, 0, 250_000_000,
			time.FixedZone("", 3600))},
	} {
		got, err := json.Marshal(value)
		if err != nil || string(got) != want {
			t.Errorf("%s, %v; want %s", got, err, want)
		}
		var again core.Time
		if err := json.Unmarshal(got, &again); err != nil || !again.Equal(value.Time) {
			t.Error(again, err)
		}
	}
}

func TestTimeUnmarshalText(t *testing.T) {
	var got core.Time
	if err := got.UnmarshalText([]byte("2026-03-01T00:00:00")); err != nil ||
		got.Unix() != 1772323200 {
		t.Error(got, err)
	}
	if err := got.UnmarshalText([]byte("x")); err == nil {
		t.Error("no error")
	}
}

// FuzzTime holds that a text that is a time is the same time after it was written.
func FuzzTime(f *testing.F) {
	for _, text := range []string{
		"2026-03-01T00:00:00.123Z", "2026-03-01 00:00:00",
		"0000-01-01T00:00:00+23:59", "1",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := core.ParseTime(text)
		if err != nil {
			return
		}
		again, err := core.ParseTime(core.FormatTime(parsed))
		if year := parsed.Year(); year >= 0 && year <= 9999 && (err != nil || !again.Equal(parsed)) {
			t.Fatalf("%q: %v, %v, %v", text, parsed, again, err)
		}
	})
}
