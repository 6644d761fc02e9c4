package cmdutil

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
		return errors.New(fault.Reason + ": " + fault.HintText) // pflag names the flag
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

// TextFlag adds a flag for a text, from which white space and quotes around it are removed.
func (g *GlobalFlags) TextFlag(flags *pflag.FlagSet, value *string, name, usage string) {
	g.checkedFlag(flags, value, name, "", usage, func(value string) (string, error) { return value, nil })
}

// PathFlag adds a flag for a path, in which a leading "~/" is the home directory.
func (g *GlobalFlags) PathFlag(flags *pflag.FlagSet, value *string, name, short, usage string) {
	g.checkedFlag(flags, value, name, short, usage, func(value string) (string, error) { return envvar.Path("--"+name, value) })
}

func (g *GlobalFlags) checkedFlag(flags *pflag.FlagSet, value *string, name, short, usage string, check func(string) (string, error)) {
	flags.VarP(cleanedFlag{value, check, func() { g.quoted = append(g.quoted, "--"+name) }}, name, short, usage)
}

// tenantID is a tenant that a header can carry.
func tenantID(value string) (string, error) {
	if reason := clean.TenantFault(value); reason != "" {
		return "", errors.New(reason)
	}
	return value, nil
}

// ReadFile reads the file of a value @FILE, in which no shell has expanded a leading "~/".
func ReadFile(ctx context.Context, path string) ([]byte, error) {
	path, err := envvar.Path("@FILE", path)
	if err != nil {
		return nil, err
	}
	return ctxio.ReadFile(ctx, path)
}
