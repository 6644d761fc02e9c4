package operation

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/services/catalog"
)

// LookupError converts an error of the catalog to a usage error with a hint. It returns other errors
// unchanged.
func LookupError(cmd *cobra.Command, err error) error {
	if service, ok := errors.AsType[*catalog.UnknownServiceError](err); ok {
		return cmdutil.UsageErrorf(cmd, "%w%s", err, hintUnless(service.Similar, "`taegis schema services` lists them"))
	}
	if op, ok := errors.AsType[*catalog.UnknownOperationError](err); ok {
		return cmdutil.UsageErrorf(cmd, "%w%s", err, hintUnless(op.Similar, searchHint(op)))
	}
	if ambiguous, ok := errors.AsType[*catalog.AmbiguousError](err); ok {
		hint := ""
		if first := ambiguous.Candidates[0]; !slices.ContainsFunc(ambiguous.Candidates, func(op *core.Operation) bool { return op.Service != first.Service }) {
			hint = " with --kind"
		}
		return cmdutil.UsageErrorf(cmd, "%w%s", err, hint)
	}
	if unknown, ok := errors.AsType[*catalog.UnknownTypeError](err); ok {
		return cmdutil.UsageErrorf(cmd, "%w%s", err, hintUnless(unknown.Similar, "`taegis schema search "+unknown.Name+"` looks for it"))
	}
	if _, ok := errors.AsType[*catalog.AmbiguousTypeError](err); ok {
		return cmdutil.UsageErrorf(cmd, "%w", err)
	}
	return err
}

// searchHint returns the command that finds the name of an operation.
func searchHint(op *catalog.UnknownOperationError) string {
	if op.Service != "" {
		return "`taegis schema operations " + op.Service + "` lists them"
	}
	return "`taegis schema search " + op.Name + "` looks for it"
}

// hintUnless returns a hint if there are no similar names.
func hintUnless(similar []string, hint string) string {
	if len(similar) > 0 {
		return ""
	}
	return ": " + hint
}
