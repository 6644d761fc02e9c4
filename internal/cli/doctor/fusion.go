package doctor

import (
	"context"
	"errors"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
)

// callFusion makes one cheap call to fusion. A tenant that has not moved there has no types of
// cases, which is no error (docs/protocol.md#headers-of-the-successor).
func (e *examination) callFusion(ctx context.Context, client *taegis.Client, token core.Token) finding {
	began := time.Now()
	types := 0
	tenant := e.chosen.Value("tenant").Text
	identity, err := client.Identity(ctx)
	if err == nil {
		types, err = cmdutil.CaseTypes(ctx, client)
	}
	if tenant == "" {
		tenant = identity.ID
	}
	choose, several := errors.AsType[*core.TenantRequiredError](err)
	switch {
	case several:
		return doubtful("taegis tenants list", "the credentials are those of the %s %s; each call needs --tenant, or TAEGIS_TENANT_ID",
			cmdutil.OneLine(string(choose.Identity.Type)), cmdutil.OneLine(choose.Identity.ID))
	case errors.Is(err, core.ErrUnauthorized):
		return failed(e.app.ReplaceCommandLine(token), "the server rejects the token of %s", cmdutil.AccountName(token))
	case err != nil:
		return wrong(err, "taegis auth status --verify")
	case types == 0:
		return doubtful("taegis tenants list", "the tenant %s has not moved to fusion: it has no types of cases", tenant)
	}
	return passed("caseTypes of the tenant %s returned %d in %v", tenant, types, time.Since(began).Round(time.Millisecond))
}
