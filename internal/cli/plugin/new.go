package plugin

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"text/template"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/ctxio"
	"github.com/taegis-go/taegis/internal/shellquote"
)

// skeleton holds the files of a new plugin, as templates.
//
//go:embed skeleton/*.tmpl
var skeleton embed.FS

// newPlugin is the data of the templates.
type newPlugin struct {
	Name     string
	Variable string // variable with the plugin's secret
	Version  string // version of the SDK
	SDK      string // folder to use in place of the published SDK, or ""
}

func createCommand(a *cmdutil.App) *cobra.Command {
	var dir, sdk string
	cmd := &cobra.Command{
		Use:   "new NAME",
		Short: "Create the source code of a plugin",
		Long: `Create a module with a plugin that exchanges a secret for a token at a broker, and with a test of the
authenticator's contract. Change the plugin as needed.

--sdk names a checkout of the SDK to build with, in place of the published version.`,
		Example: `  taegis plugin new acme
  cd taegis-plugin-acme && go mod tidy && go test ./...`,
		Args: cmdutil.ExactArgs("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := args[0]
			if !moduleName().MatchString(name) {
				return cmdutil.UsageErrorf(cmd, "%q cannot be a name: begin with a letter, and use letters, digits, underscores and hyphens", name)
			}
			data := newPlugin{Name: name, Variable: variableOf(name), Version: taegis.Version}
			if sdk != "" {
				var err error
				if data.SDK, err = checkout(cmd.Context(), sdk); err != nil {
					return err
				}
			}
			dir := cmp.Or(dir, programPrefix+name)
			if err := writeSkeleton(dir, data); err != nil {
				return err
			}
			a.Infof("Wrote a plugin. Next:\n  cd %s\n  go mod tidy\n  go test ./...\n  taegis plugin build", shellquote.Word(dir))
			return a.Printf("%s\n", dir)
		},
	}
	a.Global.PathFlag(cmd.Flags(), &dir, "dir", "", "folder to create, or an empty one (default "+programPrefix+"NAME)")
	a.Global.PathFlag(cmd.Flags(), &sdk, "sdk", "", "checkout of the SDK to build with")
	return cmd
}

// moduleName matches names that can be part of a module path and of a variable's name.
var moduleName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`) })

// variableOf returns the variable for a name, for example ACME_SECRET for acme.
func variableOf(name string) string {
	return strings.ToUpper(strings.ReplaceAll(name, "-", "_")) + "_SECRET"
}

// checkout returns the absolute path of a checkout of the SDK.
func checkout(ctx context.Context, dir string) (string, error) {
	text, err := ctxio.ReadFile(ctx, filepath.Join(dir, "go.mod"))
	first, _, _ := strings.Cut(string(text), "\n")
	if err == nil && strings.TrimSpace(first) != "module "+sdkModule {
		err = errors.New("it is not module " + sdkModule)
	}
	if err != nil {
		return "", &core.FileError{Path: dir, Reason: cmdutil.Cause(err).Error(), HintText: "name a checkout of the SDK, or leave --sdk out", Err: err}
	}
	return filepath.Abs(dir)
}

const sdkModule = "github.com/taegis-go/taegis"

// writeSkeleton writes the files of a new plugin into a folder. It returns an error if the folder is not
// empty.
func writeSkeleton(dir string, data newPlugin) error {
	entries, err := os.ReadDir(dir)
	if err == nil && len(entries) > 0 {
		return &core.FileError{Path: dir, Reason: "the folder is not empty", HintText: "name another folder with --dir"}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &core.FileError{Path: dir, Reason: cmdutil.Cause(err).Error(), HintText: "name another folder with --dir", Err: err}
	}
	templates := template.Must(template.ParseFS(skeleton, "skeleton/*.tmpl"))
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return unwritable(dir, err)
	}
	for _, t := range templates.Templates() {
		var text bytes.Buffer
		if err := t.Execute(&text, data); err != nil {
			return err
		}
		path := filepath.Join(dir, strings.TrimSuffix(t.Name(), ".tmpl"))
		if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
			return unwritable(path, err)
		}
	}
	return nil
}
