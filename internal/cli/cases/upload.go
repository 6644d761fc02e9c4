package cases

import (
	"context"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/files"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/ctxio"
)

func uploadCommand(a *cmdutil.App) *cobra.Command {
	var name, media string
	cmd := &cobra.Command{
		Use: "upload CASE FILE", Short: "Upload a file to a case",
		Long: `Upload a file to a case by its id. The content goes to a storage service, without a token. If that fails, the
file is removed from the case again.`,
		Example: "  taegis cases upload 5e0c9d3e-3b0c-4a52-9a86-0d2f1a9d7c11 notes.txt",
		Args:    cmdutil.ExactArgs("CASE", "FILE"),
	}
	cmd.Flags().StringVar(&name, "name", "", "name of the file in the case (default that of FILE)")
	cmd.Flags().StringVar(&media, "type", "", "media type (default by the extension of the name)")
	out := a.NewTextOutput(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ctx := cmd.Context()
		file, size, err := openFile(ctx, args[1])
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }() // nothing was written
		if name == "" {
			name = filepath.Base(args[1])
		}
		return a.WithClient(ctx, func(client *taegis.Client) error {
			made, err := files.New(client).UploadToCase(ctx, args[0], files.Upload{
				Name: name, ContentType: media, Content: file, Size: size,
			})
			if err != nil {
				return err
			}
			if out.Chosen() {
				return out.Value(ctx, made)
			}
			return a.Printf("Uploaded %s, %d bytes: file %s.\n", name, size, made.ID)
		})
	}
	return cmd
}

// openFile opens a regular file that is not empty.
func openFile(ctx context.Context, path string) (*os.File, int64, error) {
	fault := &core.FileError{Path: path}
	info, err := ctxio.Do(ctx, func() (os.FileInfo, error) { return os.Stat(path) })
	switch {
	case err != nil && path == "-":
		fault.Reason, fault.HintText = "it is no file", "the size has to be known before: copy standard input to a file"
	case err != nil:
		fault.Reason, fault.Err = cmdutil.Cause(err).Error(), err
	case info.IsDir():
		fault.Reason = "it is a folder"
	case !info.Mode().IsRegular():
		fault.Reason, fault.HintText = "it is no regular file", "its size has to be known before: copy it to a file"
	case info.Size() == 0:
		fault.Reason = "it is empty"
	default:
		file, err := os.Open(path)
		if err == nil {
			return file, info.Size(), nil
		}
		fault.Reason, fault.Err = cmdutil.Cause(err).Error(), err
	}
	return nil, 0, fault
}
