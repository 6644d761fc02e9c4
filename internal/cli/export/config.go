package export

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/cql"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
)

// configVersion is the version of the format of the configuration file.
const configVersion = 1

// config is the configuration of an export. Its TOML keys are described in docs/export.md.
type config struct {
	Version     int            `toml:"version"`
	State       string         `toml:"state"`
	DeadLetters string         `toml:"dead-letters"`
	Tenants     string         `toml:"tenants"`
	Where       []string       `toml:"where"`
	Lag         *duration      `toml:"lag"`
	Overlap     *duration      `toml:"overlap"`
	Interval    duration       `toml:"interval"`
	Ledger      duration       `toml:"ledger"`
	GiveUp      duration       `toml:"give-up"`
	Batch       int            `toml:"batch"`
	Parallel    int            `toml:"parallel"`
	Fields      []string       `toml:"fields"`
	Streams     []streamConfig `toml:"streams"`
	Sink        sinkConfig     `toml:"sink"`
	Share       shareConfig    `toml:"share"`

	path string
}

// streamConfig is a stream of the configuration.
type streamConfig struct {
	Kind    string         `toml:"kind"`
	Name    string         `toml:"name"`
	Query   string         `toml:"query"`
	Filter  map[string]any `toml:"filter"`
	Changes bool           `toml:"changes"`
	Since   string         `toml:"since"`
	Every   duration       `toml:"every"`
}

func (s *streamConfig) name() string {
	if s.Name != "" {
		return s.Name
	}
	return s.Kind
}

// readConfig reads a configuration file.
func readConfig(ctx context.Context, path string) (*config, error) {
	text, err := cmdutil.ReadFile(ctx, path)
	if err != nil {
		return nil, err
	}
	c := &config{Version: configVersion, path: path}
	d := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	if err := d.Decode(c); err != nil {
		return nil, syntaxFault(path, err)
	}
	switch {
	case c.Version != configVersion:
		return nil, c.fault("version", fmt.Sprintf("version %d of the format is not supported", c.Version), "use the program that it was written for")
	case len(c.Streams) == 0:
		return nil, c.fault("streams", "there is none", "add [[streams]] with a kind")
	case c.Batch < 0 || c.Parallel < 0:
		return nil, c.fault("batch, parallel", "a number is negative", "use a number from 1")
	}
	for i, s := range c.Streams {
		if slices.ContainsFunc(c.Streams[:i], func(other streamConfig) bool { return other.name() == s.name() }) {
			return nil, c.fault(fmt.Sprintf("streams[%d].name", i), fmt.Sprintf("%q is there twice", s.name()), "give each stream a name of its own")
		}
	}
	return c, nil
}

// syntaxFault returns the error for a fault that the decoder found, with its line.
func syntaxFault(path string, err error) error {
	fault := &core.FileError{Path: path, Reason: strings.TrimPrefix(err.Error(), "toml: "), HintText: "see docs/export.md"}
	if missing, ok := errors.AsType[*toml.StrictMissingError](err); ok {
		first := missing.Errors[0]
		fault.Line, _ = first.Position()
		fault.Reason = fmt.Sprintf("unknown key %q", strings.Join(first.Key(), "."))
	} else if wrong, ok := errors.AsType[*toml.DecodeError](err); ok {
		fault.Line, _ = wrong.Position()
		if key := wrong.Key(); len(key) > 0 {
			fault.Reason = strings.Join(key, ".") + ": " + fault.Reason
		}
	}
	return fault
}

// fault returns the error for a value of the file.
func (c *config) fault(key, reason, hint string) error {
	return &core.FileError{Path: c.path, Reason: key + ": " + reason, HintText: hint}
}

// wrapped names the file and the key in an error about a value. Without a file, the flags are meant.
func (c *config) wrapped(key string, err error) error {
	if err == nil {
		return nil
	}
	if c.path == "" {
		return fmt.Errorf("%s: %w", key, err)
	}
	return &core.FileError{Path: c.path, Reason: key + ": " + err.Error(), Err: err}
}

// names returns the names of the streams.
func (c *config) names() []string {
	var names []string
	for _, s := range c.Streams {
		names = append(names, s.name())
	}
	return names
}

// duration is an amount of time, for example 90s, 5m, 24h or 30d.
type duration time.Duration

// UnmarshalText reads a duration that is not negative.
func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if days, isDays := strings.CutSuffix(string(text), "d"); err != nil && isDays {
		n, err := strconv.Atoi(days)
		if err == nil && n >= 0 && n < 100_000 {
			*d = duration(time.Duration(n) * 24 * time.Hour)
			return nil
		}
	}
	if err != nil || parsed < 0 {
		return fmt.Errorf("%q is not an amount of time, for example 90s, 5m, 24h or 30d", text)
	}
	*d = duration(parsed)
	return nil
}

// Set reads a flag.
func (d *duration) Set(text string) error { return d.UnmarshalText([]byte(text)) }

// String returns the duration, "" for none.
func (d *duration) String() string {
	if *d == 0 {
		return ""
	}
	return time.Duration(*d).String()
}

// Type names the value in the help.
func (d *duration) Type() string { return "duration" }

// orNone returns the duration, and a negative one if it is set to zero: the export then has none.
func orNone(d *duration) time.Duration {
	switch {
	case d == nil:
		return 0
	case *d == 0:
		return -1
	}
	return time.Duration(*d)
}

// size is a number of bytes, for example 100MB or 1GiB.
type size int64

// UnmarshalText reads a size.
func (s *size) UnmarshalText(text []byte) error {
	units := []struct {
		name   string
		factor int64
	}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}, {"", 1}}
	for _, unit := range units {
		number, found := strings.CutSuffix(string(text), unit.name)
		if !found {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
		if err == nil && n >= 0 && n <= 1<<62/unit.factor {
			*s = size(n * unit.factor)
			return nil
		}
		break
	}
	return fmt.Errorf("%q is not a size, for example 100MB or 1GiB", text)
}

// jsonObject decodes an object.
func jsonObject(text string, into *map[string]any) error {
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return err
	}
	if *into == nil {
		return errors.New("it is not an object")
	}
	return nil
}

func splitFields(list string) []string { return strings.Split(list, ",") }

// lint returns what is wrong or doubtful in the query of a stream.
func (s *streamConfig) lint(now time.Time) ([]cql.Finding, error) {
	services := map[string]cql.Service{"alerts": cql.Detections, "cases": cql.Cases, "events": cql.Events}
	service, found := services[s.Kind]
	if !found {
		return nil, nil
	}
	query, err := cql.Parse(s.Query)
	if err != nil {
		return nil, err
	}
	narrowed, err := query.Narrow(now, now.Add(-time.Hour), now) // as the export does for each window
	if err != nil {
		return nil, nil //nolint:nilerr // the query has bounds of its own that do not include now
	}
	return narrowed.Lint(cql.LintOptions{Service: service, Now: now}), nil
}
