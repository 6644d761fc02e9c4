package cases

import (
	"context"

	"github.com/spf13/cobra"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/cql"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/cli/search"
	"github.com/taegis-go/taegis/internal/output"
	"github.com/taegis-go/taegis/paging"
)

func commentsCommand(a *cmdutil.App) *cobra.Command {
	return search.NewListCommand(a, &search.List{
		Use: "comments CASE", Noun: "comments", Args: []string{"CASE"},
		Short: "List the comments of a case",
		Long:  `List the comments of a case by its id.`,
		Example: `  taegis cases comments 5e0c9d3e-3b0c-4a52-9a86-0d2f1a9d7c11
  taegis cases comments 5e0c9d3e-3b0c-4a52-9a86-0d2f1a9d7c11 --all --jq .comment`,
		Columns: []output.Column{
			{Name: "created", Path: "createdAt", Time: true},
			{Name: "author", Path: "authorId"},
			{Name: "internal", Path: "isInternal"},
			{Name: "comment", Path: "comment"},
		},
		Pages: func(ctx context.Context, client *taegis.Client, args []string, options ...paging.Option) (search.Records, error) {
			ofCase := map[string]any{"arguments": map[string]any{"caseId": args[0]}}
			if onFusion(client) {
				return search.Pages(ctx, client, "fusion/cases.caseComments", ofCase, options...), nil
			}
			current := search.Pages(ctx, client, "investigations2.caseComments", ofCase, options...)
			older := search.Pages(ctx, client, "investigations2.commentsV2",
				map[string]any{"arguments": map[string]any{"investigationId": args[0]}}, options...)
			return search.Fallback(client, "investigations2.caseComments", current, older), nil
		},
	})
}

// filesSelection leaves out downloadURL: it is a secret, and reading it is a download in the audit
// log.
const filesSelection = `{ totalCount files { id name path size status createdAt updatedAt deletedAt uploadedById tenantId } }`

// fusionFilesSelection has the case as well, by which the files are chosen.
const fusionFilesSelection = `{ totalCount files { id caseId name path size status createdAt updatedAt deletedAt uploadedById tenantId } }`

func filesCommand(a *cmdutil.App) *cobra.Command {
	return search.NewListCommand(a, &search.List{
		Use: "files CASE", Noun: "files", Args: []string{"CASE"},
		Short:   "List the files of a case",
		Long:    `List the files of a case by its id. The list has no download addresses: "taegis cases download" gets one.`,
		Example: "  taegis cases files 5e0c9d3e-3b0c-4a52-9a86-0d2f1a9d7c11",
		Columns: []output.Column{
			{Name: "created", Path: "createdAt", Time: true},
			{Name: "name", Path: "name"},
			{Name: "size", Path: "size"},
			{Name: "status", Path: "status"},
			{Name: "id", Path: "id"},
		},
		Pages: func(ctx context.Context, client *taegis.Client, args []string, options ...paging.Option) (search.Records, error) {
			if onFusion(client) {
				return fusionFiles(taegis.ContextWithSelection(ctx, fusionFilesSelection), client, args[0], options...), nil
			}
			current, err := cql.Where(cql.Eq("caseId", args[0])).Text()
			if err != nil {
				return nil, err
			}
			older, err := cql.Where(cql.Eq("investigationId", args[0])).Text()
			if err != nil {
				return nil, err
			}
			ctx = taegis.ContextWithSelection(ctx, filesSelection)
			return search.Fallback(client, "investigations2.caseFiles",
				search.Pages(ctx, client, "investigations2.caseFiles",
					map[string]any{"arguments": map[string]any{"query": current}}, options...),
				search.Pages(ctx, client, "investigations2.investigationFilesV2",
					map[string]any{"arguments": map[string]any{"cql": older}}, options...),
			), nil
		},
	})
}
