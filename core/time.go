package core

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/taegis-go/taegis/internal/text"
)

// Time is a time that decodes from each form that services write: an object of seconds and nanos,
// text with 0 to 9 decimals, and a number of microseconds. See docs/protocol.md#times. It is for
// fields of rows whose form varies; a field that is always RFC 3339 text can be a [time.Time].
//
// Null, empty text and the number zero decode as the zero time, because services send zeros for a
// missing time.
type Time struct{ time.Time }

// UnmarshalJSON decodes each form of a time. It returns a [*TimeError] for any other value.
func (t *Time) UnmarshalJSON(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return err
	}
	parsed, err := TimeFrom(value)
	if err == nil {
		t.Time = parsed
	}
	return err
}

// MarshalJSON encodes the time in the form of [FormatTime], and the zero time as null.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return []byte(`"` + FormatTime(t.Time) + `"`), nil
}

// UnmarshalText decodes text as [ParseTime] does, and empty text as the zero time.
func (t *Time) UnmarshalText(data []byte) error {
	parsed, err := TimeFrom(string(data))
	if err == nil {
		t.Time = parsed
	}
	return err
}

// TimeError is returned for a value that is not a time.
type TimeError struct{ Value string }

func (e *TimeError) Error() string {
	return fmt.Sprintf("%q is not a time", text.Short(e.Value, 60))
}

// timeLayouts are the forms of text: with an offset, and without one, which means UTC.
var timeLayouts = []string{
	"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05",
	"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 Z07:00", "2006-01-02 15:04:05",
}

// ParseTime parses the text of a time: YYYY-MM-DDTHH:MM:SS with 0 to 9 decimals, with Z, an offset
// or neither, which means UTC. It returns the time in UTC, or a [*TimeError].
func ParseTime(s string) (time.Time, error) {
	trimmed := strings.TrimSpace(s)
	for _, layout := range timeLayouts {
		// Parse takes decimals behind the seconds of every layout.
		t, err := time.Parse(layout, trimmed)
		if err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, &TimeError{Value: s}
}

// FormatTime returns the text of a time in UTC, with the decimals that it needs, for example
// "2026-03-01T08:00:00.25Z".
func FormatTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// TimeFrom returns the time in a value that was decoded from JSON, for example in a row of events:
// text as for [ParseTime], a number of microseconds, or a map of seconds and nanos. Empty text,
// zero and a map of zeros return the zero time. TimeFrom returns a [*TimeError] for any other
// value.
func TimeFrom(value any) (time.Time, error) {
	switch v := value.(type) {
	case nil:
		return time.Time{}, nil
	case time.Time:
		return v, nil
	case Time:
		return v.Time, nil
	case string:
		return timeFromText(v)
	case map[string]any:
		return timeFromParts(v)
	}
	micros, ok := integer(value)
	if !ok {
		return time.Time{}, &TimeError{Value: fmt.Sprint(value)}
	}
	return timeFromMicros(micros), nil
}

func timeFromText(s string) (time.Time, error) {
	if strings.TrimSpace(s) == "" {
		return time.Time{}, nil
	}
	if micros, err := strconv.ParseInt(s, 10, 64); err == nil { // a 64-bit number as text
		return timeFromMicros(micros), nil
	}
	return ParseTime(s)
}

func timeFromMicros(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// timeFromParts returns the time of an object of seconds and nanos; protobuf leaves out zeros.
func timeFromParts(parts map[string]any) (time.Time, error) {
	seconds, ok := part(parts, "seconds")
	nanos, ok2 := part(parts, "nanos")
	const maxSeconds = 1 << 40 // some 35,000 years
	if !ok || !ok2 || seconds > maxSeconds || seconds < -maxSeconds {
		return time.Time{}, &TimeError{Value: fmt.Sprint(parts)}
	}
	return TimeFromUnix(seconds, nanos), nil
}

// part returns a number of an object, 0 if it is absent.
func part(parts map[string]any, name string) (int64, bool) {
	value, ok := parts[name]
	if !ok || value == nil {
		return 0, true
	}
	if s, ok := value.(string); ok { // a 64-bit number as text
		value = json.Number(s)
	}
	return integer(value)
}

// TimeFromUnix returns the time of seconds and nanoseconds since 1970, in UTC. Detections have
// times in this form. For 0 and 0, which services send for a missing time, it returns the zero
// time.
func TimeFromUnix(seconds, nanos int64) time.Time {
	if seconds == 0 && nanos == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, nanos).UTC()
}

// integer returns a number that was decoded from JSON, if it is a whole one of 64 bits.
func integer(value any) (int64, bool) {
	switch v := value.(type) {
	case json.Number:
		if n, err := strconv.ParseInt(string(v), 10, 64); err == nil {
			return n, true
		}
		f, err := strconv.ParseFloat(string(v), 64) // for example 1.7723232e15
		return wholeFloat(f, err == nil)
	case float64:
		return wholeFloat(v, true)
	case int64:
		return v, true
	case int:
		return int64(v), true
	}
	return 0, false
}

func wholeFloat(f float64, ok bool) (int64, bool) {
	const limit = 1 << 62
	whole := math.Trunc(f)
	if !ok || math.IsNaN(f) || whole < -limit || whole > limit {
		return 0, false
	}
	return int64(whole), true
}
