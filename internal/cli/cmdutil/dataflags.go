package cmdutil

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/taegis-go/taegis/internal/output"
)

// The names of the flags that choose the form of the output.
const (
	flagOutput    = "output"
	flagJSON      = "json"
	flagFields    = "fields"
	flagJQ        = "jq"
	flagTemplate  = "template"
	flagNoHeaders = "no-headers"
	flagTime      = "time"
)

// OutputAnnotation marks the flags of an [Output], which the reference describes once.
const OutputAnnotation = "taegis_output"

// parsedFlag is a flag with a value that is parsed when it is set, so that a mistake is found
// before anything is sent.
type parsedFlag[T any] struct {
	value *T
	text  string
	kind  string
	parse func(text string) (T, error)
}

// Set parses and stores the flag's value.
func (f *parsedFlag[T]) Set(text string) error {
	value, err := f.parse(text)
	if err == nil {
		*f.value, f.text = value, text
	}
	return err
}

// String returns the value that the help shows.
func (f *parsedFlag[T]) String() string { return f.text }

// Type returns the type that the help shows.
func (f *parsedFlag[T]) Type() string { return f.kind }

// register adds the flags of an output to a command, with their completion. They are checked before
// the command runs.
func (o *Output) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.VarP(&parsedFlag[output.Format]{&o.options.Format, "", "format", output.ParseFormat}, flagOutput, "o",
		"format: table, json, jsonl, csv, yaml or template")
	f.Var(&parsedFlag[*output.Fields]{&o.options.Fields, "", "paths", output.ParseFields}, flagFields,
		"print only these fields, for example id,metadata.title")
	f.Var(&parsedFlag[*output.JQ]{&o.options.JQ, "", "filter", output.ParseJQ}, flagJQ,
		"filter each record with an expression of jq")
	f.Var(&parsedFlag[*output.Text]{&o.options.Template, "", "text", output.ParseTemplate}, flagTemplate,
		"print each record with a template of Go's text/template")
	f.BoolVar(&o.options.NoHeaders, flagNoHeaders, false, "print no headers in tables and CSV")
	f.Var(&parsedFlag[*time.Location]{&o.options.Location, "", "zone", parseZone}, flagTime,
		"zone of times in tables at a terminal: utc or local (default utc)")
	CompleteFlag(cmd, flagOutput, cobra.FixedCompletions(output.Formats(), cobra.ShellCompDirectiveNoFileComp))
	CompleteFlag(cmd, flagTime, cobra.FixedCompletions([]string{zoneUTC, zoneLocal}, cobra.ShellCompDirectiveNoFileComp))
	for _, name := range []string{flagFields, flagJQ, flagTemplate} {
		CompleteFlag(cmd, name, cobra.NoFileCompletions)
	}
	for _, name := range []string{flagOutput, flagFields, flagJQ, flagTemplate, flagNoHeaders, flagTime} {
		_ = f.SetAnnotation(name, OutputAnnotation, nil) // it fails only for an unknown flag
	}
	Before(cmd, func() error { return o.check(f) })
}

// Before calls check after the flags and arguments of a command were read and before it runs. An
// error is a usage error.
func Before(cmd *cobra.Command, check func() error) {
	earlier := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		if earlier != nil {
			if err := earlier(cmd, args); err != nil {
				return err
			}
		}
		return check()
	}
}

// check reports flags that exclude each other. It sets the format for --json.
func (o *Output) check(f *pflag.FlagSet) error {
	o.chosen = false
	for _, name := range []string{flagOutput, flagJSON, flagFields, flagJQ, flagTemplate, flagNoHeaders} {
		o.chosen = o.chosen || f.Changed(name)
	}
	if o.json {
		if f.Changed(flagOutput) && o.options.Format != output.JSON {
			return fmt.Errorf("--json means --output json and does not go with --output %s", o.options.Format)
		}
		o.options.Format = output.JSON
	}
	return o.options.Check()
}

const (
	zoneUTC   = "utc"
	zoneLocal = "local"
)

func parseZone(name string) (*time.Location, error) {
	switch name {
	case zoneUTC:
		return time.UTC, nil
	case zoneLocal:
		return time.Local, nil
	}
	return nil, errors.New("use utc or local")
}

// defaultLimit is how many records a list prints unless --limit or --all is given.
const defaultLimit = 100

// Limits are the flags that say how much of a list is printed.
type Limits struct {
	// PageSize is how many records a request asks for, or 0 for the default of the operation.
	PageSize int

	limit int
	given bool
	all   bool
}

// NewLimits adds the flags --limit, --all and --page-size to a command.
func NewLimits(cmd *cobra.Command) *Limits {
	l := &Limits{limit: defaultLimit}
	f := cmd.Flags()
	f.Var(&parsedFlag[int]{&l.limit, strconv.Itoa(defaultLimit), "number", parsePositive}, "limit", "print at most this many records")
	f.BoolVar(&l.all, "all", false, "print all records")
	f.Var(&parsedFlag[int]{&l.PageSize, "", "number", parsePositive}, "page-size", "ask for this many records at a time")
	Before(cmd, func() error {
		if l.given = f.Changed("limit"); l.all && l.given {
			return errors.New("--all does not go with --limit")
		}
		return nil
	})
	return l
}

// Max returns the largest number of records to print, or 0 for all.
func (l *Limits) Max() int {
	if l.all {
		return 0
	}
	return l.limit
}

// Given returns the value of --limit, or 0 if it was not given.
func (l *Limits) Given() int {
	if l.given {
		return l.limit
	}
	return 0
}

func parsePositive(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, errors.New("use a number from 1")
	}
	return n, nil
}
