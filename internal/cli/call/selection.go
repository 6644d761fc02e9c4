package call

import (
	"fmt"
	"strings"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
)

// parseSelection returns the selection of an operation with its braces, or "" for an empty text.
func parseSelection(op *core.Operation, given string) (string, error) {
	switch {
	case strings.TrimSpace(given) == "":
		return "", nil
	case op.Selection == "":
		return "", fmt.Errorf("%s returns a plain value, which has no fields", op.Name)
	}
	return transport.ParseSelection(given)
}
