package tenants

import (
	"context"
	"encoding/json"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/internal/cli/search"
	"github.com/taegis-go/taegis/paging"
)

// ofFusion returns the tenants that the account can use on fusion.
func ofFusion(ctx context.Context, client *taegis.Client, options ...paging.Option) search.Records {
	return paging.Rows(func(yield func(json.RawMessage, error) bool) {
		for tenant, err := range client.FusionTenants(ctx) {
			var record json.RawMessage
			if err == nil {
				record, err = json.Marshal(tenant)
			}
			if !yield(record, err) {
				return
			}
		}
	}, options...)
}
