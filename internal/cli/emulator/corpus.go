package emulator

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/taegis-go/taegis/taegistest/emulator"
)

// corpusFlag is a flag with the sizes of a corpus, for example "seed=1,alerts=10000,span=30d".
type corpusFlag struct {
	into *emulator.Corpus
	text string
}

// Set parses key=value pairs with commas between them.
func (f *corpusFlag) Set(text string) error {
	corpus := *f.into
	for pair := range strings.SplitSeq(text, ",") {
		name, value, given := strings.Cut(strings.TrimSpace(pair), "=")
		set := corpusKeys[name]
		if set == nil {
			return fmt.Errorf("unknown key %q: use %s", name, strings.Join(slices.Sorted(maps.Keys(corpusKeys)), ", "))
		}
		if !given {
			return fmt.Errorf("%s has no value: write %s=VALUE", name, name)
		}
		if err := set(&corpus, value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	*f.into, f.text = corpus, text
	return nil
}

// String returns the text that was given.
func (f *corpusFlag) String() string { return f.text }

// Type returns the type that the help shows.
func (f *corpusFlag) Type() string { return "key=value,..." }

// corpusKeys set one size each.
var corpusKeys = map[string]func(*emulator.Corpus, string) error{
	"seed": func(c *emulator.Corpus, value string) (err error) {
		if c.Seed, err = strconv.ParseUint(value, 10, 64); err != nil {
			return fmt.Errorf("%q is not a whole number from 0", value)
		}
		return nil
	},
	"tenants":  number(func(c *emulator.Corpus) *int { return &c.Tenants }),
	"alerts":   number(func(c *emulator.Corpus) *int { return &c.Alerts }),
	"events":   number(func(c *emulator.Corpus) *int { return &c.Events }),
	"cases":    number(func(c *emulator.Corpus) *int { return &c.Cases }),
	"assets":   number(func(c *emulator.Corpus) *int { return &c.Assets }),
	"audits":   number(func(c *emulator.Corpus) *int { return &c.Audits }),
	"users":    number(func(c *emulator.Corpus) *int { return &c.Users }),
	"rules":    number(func(c *emulator.Corpus) *int { return &c.Rules }),
	"rows":     number(func(c *emulator.Corpus) *int { return &c.Rows }),
	"comments": number(func(c *emulator.Corpus) *int { return &c.Comments }),
	"files":    number(func(c *emulator.Corpus) *int { return &c.Files }),
	"burst":    number(func(c *emulator.Corpus) *int { return &c.Burst }),
	"span":     duration(func(c *emulator.Corpus) *time.Duration { return &c.Span }),
	"ahead":    duration(func(c *emulator.Corpus) *time.Duration { return &c.Ahead }),
	"late":     duration(func(c *emulator.Corpus) *time.Duration { return &c.Late }),
}

// maxRecords is the largest number of records of a kind.
const maxRecords = 100_000_000

// number returns a function that sets a number of records. Zero records are none.
func number(field func(*emulator.Corpus) *int) func(*emulator.Corpus, string) error {
	return func(c *emulator.Corpus, value string) error {
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 || n > maxRecords {
			return fmt.Errorf("%q is not a whole number from 0 to %d", value, maxRecords)
		}
		if n == 0 {
			n = -1 // zero selects the default
		}
		*field(c) = n
		return nil
	}
}

// duration returns a function that sets a length of time, which may be in days.
func duration(field func(*emulator.Corpus) *time.Duration) func(*emulator.Corpus, string) error {
	return func(c *emulator.Corpus, value string) error {
		d, err := time.ParseDuration(value)
		if days, inDays := strings.CutSuffix(value, "d"); inDays {
			var n int
			n, err = strconv.Atoi(days)
			d = time.Duration(n) * 24 * time.Hour
		}
		if err != nil || d < 0 || d > 100*365*24*time.Hour {
			return fmt.Errorf("%q is not a length of time, for example 12h or 30d", value)
		}
		*field(c) = d
		return nil
	}
}
