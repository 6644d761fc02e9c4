package cases

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/files"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
)

// toStdout is the target that stands for standard output.
const toStdout = "-"

func downloadCommand(a *cmdutil.App) *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use: "download FILE [PATH]", Short: "Download a file of a case",
		Long: `Download a file of a case by the id of the file, which is an entry in the audit log. It goes to PATH, to its
own name in a folder, or to standard output if PATH is "-"; without PATH to its own name here. Characters that
a file name should not have are replaced by "_". A file that exists stays as it is without --force. The file appears when all
of it has come, and only its user can read it.`,
		Example: `  taegis cases download f-1
  taegis cases download f-1 evidence/
  taegis cases download f-1 - | less`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return cmdutil.ExactArgs("FILE")(cmd, args)
			}
			return cmdutil.ExactArgs("FILE", "PATH")(cmd, args)
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "replace a file that exists")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ctx, path := cmd.Context(), "."
		if len(args) == 2 {
			path = args[1]
		}
		if path != toStdout && !force && !isFolder(path) {
			if err := mustNotExist(path); err != nil {
				return err
			}
		}
		return a.WithClient(ctx, func(client *taegis.Client) error { return download(ctx, a, client, args[0], path, force) })
	}
	return cmd
}

func download(ctx context.Context, a *cmdutil.App, client *taegis.Client, id, path string, force bool) error {
	d, err := files.New(client).Download(ctx, id)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }() // reading returns what is wrong
	if path == toStdout {
		_, err := io.Copy(unescaped{a}, d)
		return err
	}
	if isFolder(path) {
		path = filepath.Join(path, safeName(d.File.Name, d.File.ID))
	}
	size, err := save(d, path, force)
	if err != nil {
		return err
	}
	a.Infof("Downloaded %s, %d bytes.", path, size)
	return nil
}

// save writes a download to a new file and then gives it its name.
func save(d io.Reader, path string, force bool) (size int64, err error) {
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*.part")
	if err != nil {
		return 0, fileError(path, err)
	}
	defer func() { _ = os.Remove(temp.Name()) }() // if it still has that name
	size, err = io.Copy(temp, d)
	if err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err != nil {
		return size, err
	}
	if force {
		err = os.Rename(temp.Name(), path)
	} else if err = os.Link(temp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		if err = mustNotExist(path); err == nil { // the file system has no links
			err = os.Rename(temp.Name(), path)
		}
	}
	switch {
	case errors.Is(err, fs.ErrExist):
		return size, exists(path)
	case err != nil:
		return size, fileError(path, err)
	}
	return size, nil
}

func fileError(path string, err error) error {
	if fault, ok := errors.AsType[*core.FileError](err); ok {
		return fault
	}
	return &core.FileError{Path: path, Reason: cmdutil.Cause(err).Error(), Err: err}
}

func exists(path string) error {
	return &core.FileError{Path: path, Reason: "it exists", HintText: "give another PATH, or --force", Err: fs.ErrExist}
}

func mustNotExist(path string) error {
	if _, err := os.Lstat(path); err == nil {
		return exists(path)
	}
	return nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// longestFileName is how many bytes of a server's name a file gets.
const longestFileName = 200

// safeName returns a file name without a path, for a name from the server: neither a separator nor
// a character that a terminal or a file system treats in its own way, and no dot at its start.
func safeName(name, id string) string {
	name = clean(name[strings.LastIndexAny(name, `/\`)+1:])
	if name == "" {
		name = "file-" + clean(id)
	}
	stem, _, _ := strings.Cut(name, ".")
	switch strings.ToUpper(stem) { // devices of Windows
	case "CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "LPT1", "LPT2", "LPT3":
		name = "_" + name
	}
	return name
}

func clean(name string) string {
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || strings.ContainsRune(`/\:*?"<>|`, r) || r == unicode.ReplacementChar {
			return '_'
		}
		return r
	}, name)
	if extension := filepath.Ext(name); len(name) > longestFileName && len(extension) < longestFileName/2 {
		name = strings.ToValidUTF8(name[:longestFileName-len(extension)], "") + extension
	}
	name = name[:min(len(name), longestFileName)]
	return strings.TrimRight(strings.TrimLeft(strings.ToValidUTF8(name, ""), ". -"), ". ")
}

// unescaped writes to standard output as it is, unless that is a terminal.
type unescaped struct{ app *cmdutil.App }

func (u unescaped) Write(p []byte) (int, error) {
	if err := u.app.PrintText(string(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}
