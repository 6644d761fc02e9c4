package plugin

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"aead.dev/minisign"
	"github.com/spf13/afero"
	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/atomicfile"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/plugincheck"
	"github.com/taegis-go/taegis/plugins"
)

func signCommand(a *cmdutil.App) *cobra.Command {
	var key, name, comment string
	cmd := &cobra.Command{
		Use:   "sign FILE",
		Short: "Sign the program of a plugin",
		Long: `Sign a program, or a folder that is a plugin of several files, with a key of plugin keygen or of
minisign. The signature is written to FILE.minisig, in the format of minisign, which can verify that of
a program. The trusted comment, which is signed too, has the time, the file's name, and --plugin.

If the key has a passphrase, the command prompts for it, or takes it from the variable
` + passphraseVariable + `.`,
		Example: `  taegis plugin sign ./taegis-plugin-acme --key acme.key --plugin acme`,
		Args:    cmdutil.ExactArgs("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if key == "" {
				return cmdutil.UsageErrorf(cmd, "name the file of the key with --key")
			}
			if strings.ContainsAny(name+comment, "\t\n\r") {
				return cmdutil.UsageErrorf(cmd, "--plugin and --comment are one line without tabs")
			}
			private, err := readKey(cmd.Context(), a, key)
			if err != nil {
				return err
			}
			parts := []string{fmt.Sprintf("timestamp:%d", time.Now().Unix()), "file:" + filepath.Base(args[0])}
			if name != "" {
				parts = append(parts, "plugin:"+name)
			}
			if comment != "" {
				parts = append(parts, comment)
			}
			return sign(a, private, args[0], strings.Join(append(parts, "hashed"), "\t"))
		},
	}
	a.Global.PathFlag(cmd.Flags(), &key, "key", "", "file with the secret key")
	a.Global.TextFlag(cmd.Flags(), &name, "plugin", "name of the plugin; with it, the signature counts for no other one")
	a.Global.TextFlag(cmd.Flags(), &comment, "comment", "text for the trusted comment, for example a version")
	return cmd
}

// sign writes the signature of a program.
func sign(a *cmdutil.App, key minisign.PrivateKey, path, comment string) error {
	content, err := plugins.OpenSigned(path)
	if err != nil {
		return &core.FileError{Path: path, Reason: cmdutil.Cause(err).Error(), HintText: "name the program of a plugin", Err: err}
	}
	defer func() { _ = content.Close() }()
	reader := minisign.NewReader(content)
	if _, err := io.Copy(io.Discard, reader); err != nil {
		return &core.FileError{Path: path, Reason: cmdutil.Cause(err).Error(), HintText: "try again", Err: err}
	}
	signature := reader.SignWithComments(key, comment, "signature of a plugin of taegis")
	to := path + plugins.SignatureSuffix
	if err := atomicfile.File(afero.NewOsFs(), to, signature, nil); err != nil {
		return unwritable(to, err)
	}
	if err := os.Chmod(to, 0o644); err != nil { //nolint:gosec // a signature is public
		return unwritable(to, err)
	}
	public, _ := key.Public().(minisign.PublicKey)
	a.Infof("Signed by %s (%s).", public, comment)
	return a.Printf("%s\n", to)
}

// verifyFiles checks the signatures of programs.
func verifyFiles(cmd *cobra.Command, paths, keys []string) ([]verifiedPlugin, error) {
	if len(paths) == 0 {
		return nil, cmdutil.UsageErrorf(cmd, "--key needs a FILE")
	}
	found := []verifiedPlugin{}
	for _, path := range paths {
		absolute, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		v := verifiedPlugin{Name: path, Path: path}
		program, err := plugincheck.Signed(absolute, keys)
		if err == nil {
			v.OK, v.SHA256, v.program = true, program.SHA256, program
			v.Key, v.Comment, v.Pinned, v.Not = program.Signature.Key, program.Signature.Comment, program.Pinned, program.NotPinned
		} else if config, ok := errors.AsType[*plugins.ConfigError](err); ok {
			return nil, cmdutil.UsageErrorf(cmd, "--key: %s", config.Reason)
		} else {
			v.Problem, v.Hint = cmp.Or(cmdutil.Problem(err), err.Error()), cmp.Or(core.Hint(err), "taegis plugin sign FILE --key KEY")
		}
		found = append(found, v)
	}
	return found, nil
}
