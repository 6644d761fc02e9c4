package cmdutil

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/ctxio"
	"github.com/taegis-go/taegis/internal/envvar"
	clean "github.com/taegis-go/taegis/internal/setting"
)

// cleanedFlag is a text flag. Its value is cleaned in the same way as an environment variable.
type cleanedFlag struct {
	value  *string
	check  func(value string) (string, error)
	quoted func() // called if the value was in quotes
}

// Set cleans, checks and stores the flag's value.
func (f cleanedFlag) Set(value string) error {
	cleaned, quoted := clean.Clean(value)
	if quoted {
		f.quoted()
	}
	cleaned, err := f.check(cleaned)
	if fault, ok := errors.AsType[*core.SettingError](err); ok {
		return errors.New(fault.Reason + ": " + fault.HintText) // pflag names the flag
	}
	if err == nil {
		*f.value = cleaned
	}
	return err
}

// String returns the value that the help shows.
func (f cleanedFlag) String() string {
	if f.value == nil { // pflag calls String on a zero value
		return ""
	}
	return *f.value
}

// Type returns the type that the help shows.
func (f cleanedFlag) Type() string { return "string" }

// TextFlag adds a text flag. White space and quotes around the value are removed.
func (g *GlobalFlags) TextFlag(flags *pflag.FlagSet, value *string, name, usage string) {
	g.checkedFlag(flags, value, name, "", usage, func(value string) (string, error) { return value, nil })
}

// PathFlag adds a path flag. A leading "~/" in the value is the home directory.
func (g *GlobalFlags) PathFlag(flags *pflag.FlagSet, value *string, name, short, usage string) {
	g.checkedFlag(flags, value, name, short, usage, func(value string) (string, error) { return envvar.Path("--"+name, value) })
}

func (g *GlobalFlags) checkedFlag(flags *pflag.FlagSet, value *string, name, short, usage string, check func(string) (string, error)) {
	flags.VarP(cleanedFlag{value, check, func() { g.quoted = append(g.quoted, "--"+name) }}, name, short, usage)
}

// tenantID returns an error if a header cannot carry the tenant.
func tenantID(value string) (string, error) {
	if reason := clean.TenantFault(value); reason != "" {
		return "", errors.New(reason)
	}
	return value, nil
}

// ReadFile reads the file of a value @FILE. It expands a leading "~/", because no shell does.
func ReadFile(ctx context.Context, path string) ([]byte, error) {
	path, err := envvar.Path("@FILE", path)
	if err != nil {
		return nil, err
	}
	return ctxio.ReadFile(ctx, path)
}

// FlagError returns an error about the value of a flag.
func FlagError(flag string, err error) error { return fmt.Errorf("%s: %w", flag, err) }
