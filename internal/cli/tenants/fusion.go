package tenants

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

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

// fusionList is the list of tenants on fusion, which is read once for all ids of a command.
type fusionList struct {
	read    bool
	tenants []taegis.FusionTenant
}

// find returns the tenant with an id.
func (l *fusionList) find(ctx context.Context, client *taegis.Client, id string) ([]json.RawMessage, error) {
	if !l.read {
		l.tenants = nil // an earlier reading may have failed
		for tenant, err := range client.FusionTenants(ctx) {
			if err != nil {
				return nil, err
			}
			l.tenants = append(l.tenants, tenant)
		}
		l.read = true
	}
	i := slices.IndexFunc(l.tenants, func(t taegis.FusionTenant) bool { return strings.EqualFold(t.ID, id) })
	if i < 0 {
		return nil, nil
	}
	record, err := json.Marshal(l.tenants[i])
	return []json.RawMessage{record}, err
}
