package cli

import (
	"context"
	"errors"

	"github.com/spf13/pflag"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/ctxio"
	"github.com/taegis-go/taegis/internal/envvar"
	clean "github.com/taegis-go/taegis/internal/setting"
)

// cleanedFlag is a flag with a text, which is cleaned as a variable is.
type cleanedFlag struct {
	value  *string
	check  func(value string) (string, error)
	quoted func() // is called if the value was in quotes
}

// Set cleans the flag's value.
func (f cleanedFlag) Set(value string) error {
	cleaned, quoted := clean.Clean(value)
	if quoted {
		f.quoted()
	}
	cleaned, err := f.check(cleaned)
	if fault, ok := errors.AsType[*core.SettingError](err); ok {
		return errors.New(fault.Reason + ": " + fault.Advice) // pflag names the flag
	}
	if err == nil {
		*f.value = cleaned
	}
	return err
}

// String is the value as the help shows it.
func (f cleanedFlag) String() string {
	if f.value == nil { // pflag asks a zero one for the default
		return ""
	}
	return *f.value
}

// Type is the value's kind as the help shows it.
func (f cleanedFlag) Type() string { return "string" }

// text adds a flag for a text.
func (g *globals) text(flags *pflag.FlagSet, value *string, name, usage string) {
	g.checked(flags, value, name, "", usage, func(value string) (string, error) { return value, nil })
}

// path adds a flag for a path.
func (g *globals) path(flags *pflag.FlagSet, value *string, name, short, usage string) {
	g.checked(flags, value, name, short, usage, func(value string) (string, error) { return envvar.Path("--"+name, value) })
}

func (g *globals) checked(flags *pflag.FlagSet, value *string, name, short, usage string, check func(string) (string, error)) {
	flags.VarP(cleanedFlag{value, check, func() { g.quoted = append(g.quoted, "--"+name) }}, name, short, usage)
}

// tenantID is a tenant that a header can carry.
func tenantID(value string) (string, error) {
	if reason := clean.TenantFault(value); reason != "" {
		return "", errors.New(reason)
	}
	return value, nil
}

// readFile reads the file that a value of the form @FILE names. No shell expands what stands behind
// the @.
func readFile(ctx context.Context, path string) ([]byte, error) {
	path, err := envvar.Path("@FILE", path)
	if err != nil {
		return nil, err
	}
	return ctxio.ReadFile(ctx, path)
}
