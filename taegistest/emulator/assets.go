package emulator

import (
	"slices"
	"strings"
	"time"

	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
	"github.com/taegis-go/taegis/taegistest/emulator/internal/eval"
)

// assetFields are the fields of an asset that a filter can name, without case.
var assetFields = map[string]func(*corpus.Asset) any{
	"id":               func(a *corpus.Asset) any { return a.AssetID },
	"hostid":           func(a *corpus.Asset) any { return a.HostID },
	"hostname":         func(a *corpus.Asset) any { return a.Hostname },
	"ipaddress":        func(a *corpus.Asset) any { return a.IP },
	"ip":               func(a *corpus.Asset) any { return a.IP },
	"ethernetaddress":  func(a *corpus.Asset) any { return a.MAC },
	"mac":              func(a *corpus.Asset) any { return a.MAC },
	"user":             func(a *corpus.Asset) any { return a.User },
	"username":         func(a *corpus.Asset) any { return a.User },
	"sensorversion":    func(a *corpus.Asset) any { return a.Version },
	"endpointplatform": func(a *corpus.Asset) any { return a.Platform },
	"groupname":        func(a *corpus.Asset) any { return a.Group },
	"endpointgroupid":  func(a *corpus.Asset) any { return a.Group },
	"tenantid":         func(a *corpus.Asset) any { return a.Tenant },
	"createdat":        func(a *corpus.Asset) any { return a.Created },
	"updatedat":        func(a *corpus.Asset) any { return a.Updated },
	"lastseenat":       func(a *corpus.Asset) any { return a.LastSeen },
	"deletedat":        func(a *corpus.Asset) any { return optionalTime(a.Deleted) },
	"tag":              func(a *corpus.Asset) any { return a.Tags },
}

// assetMatches evaluates the argument where: its members hold all, and, or and not nest. A field that
// the emulator has no values for holds for no asset.
func assetMatches(a *corpus.Asset, where map[string]any) bool {
	for name, value := range where {
		if value == nil {
			continue
		}
		holds := false
		switch name {
		case "and", "or":
			nested, _ := value.([]any)
			matches := func(item any) bool {
				inner, _ := item.(map[string]any)
				return assetMatches(a, inner)
			}
			holds = slices.ContainsFunc(nested, matches)
			if name == "and" {
				holds = !slices.ContainsFunc(nested, func(item any) bool { return !matches(item) })
			}
		case "not":
			inner, _ := value.(map[string]any)
			holds = !assetMatches(a, inner)
		default:
			field, suffix, _ := strings.Cut(name, "_")
			if of := assetFields[strings.ToLower(field)]; of != nil {
				holds = fieldMatches(of(a), suffix, value)
			}
		}
		if !holds {
			return false
		}
	}
	return true
}

// fieldMatches compares a field of an asset with a value by the suffix of its name.
func fieldMatches(field any, suffix string, value any) bool {
	if tags, ok := field.([]string); ok {
		return slices.ContainsFunc(tags, func(tag string) bool { return fieldMatches(tag, suffix, value) })
	}
	text := textOf(value)
	if at, ok := field.(time.Time); ok {
		order := at.Compare(instantOf(text))
		switch suffix {
		case "lt":
			return order < 0
		case "lte":
			return order <= 0
		case "gt":
			return order > 0
		case "gte":
			return order >= 0
		}
		return order == 0
	}
	own, want := strings.ToLower(textOf(field)), strings.ToLower(text)
	switch suffix {
	case "contains":
		return strings.Contains(own, want)
	case "autocomplete":
		return strings.HasPrefix(own, want)
	}
	return own == want
}

// assets returns the assets that a filter matches. Deleted ones need a filter for them.
func (c *call) assets(filter map[string]any, orderBy string) []*corpus.Asset {
	where, _ := filter["where"].(map[string]any)
	deleted := slices.ContainsFunc(textsOf(filter["assetState"]), func(s string) bool { return strings.EqualFold(s, "Deleted") })
	for name := range where {
		deleted = deleted || strings.HasPrefix(name, "deletedAt")
	}
	var found []*corpus.Asset
	for i := range c.scope.Assets.Len() {
		a := c.scope.Assets.At(i)
		if c.scope.sees(a.Tenant) && !a.Created.After(c.scope.now) && (deleted || a.Deleted.IsZero()) && assetMatches(a, where) {
			found = append(found, a)
		}
	}
	name, descends := strings.CutSuffix(strings.ToLower(orderBy), "_desc")
	name = strings.ReplaceAll(strings.TrimSuffix(name, "_asc"), "_", "")
	value := assetFields[name]
	slices.SortStableFunc(found, func(a, b *corpus.Asset) int {
		order := 0
		if value != nil {
			order = eval.Compare(value(a), value(b))
		}
		if descends {
			order = -order
		}
		if order == 0 {
			order = strings.Compare(a.AssetID, b.AssetID)
		}
		return order
	})
	return found
}

// listAssets returns a list of assets, of which each is converted.
func listAssets(convert func(*corpus.Asset) any) list {
	return func(c *call, args map[string]any) (source, error) {
		filter, _ := args["filter"].(map[string]any)
		found := c.assets(filter, textOf(args["orderBy"]))
		return source{
			length: len(found), at: func(i int) any { return convert(found[i]) },
			key:  func(i int) string { return found[i].AssetID },
			more: map[string]any{"columnDef": assetColumns},
		}, nil
	}
}

// assetColumns are the columns of an export.
var assetColumns = []string{"id", "hostname", "ipAddress"}

func assetRow(a *corpus.Asset) any { return []string{a.AssetID, a.Hostname, a.IP} }

func assetHostname(a *corpus.Asset) any {
	return row{"hostId": a.HostID, "tenantId": a.Tenant, "hostname": a.Hostname, "createdAt": isoTime(a.Created), "updatedAt": isoTime(a.Updated)}
}

func assetIP(a *corpus.Asset) any {
	return row{"hostId": a.HostID, "tenantId": a.Tenant, "ip": a.IP, "createdAt": isoTime(a.Created), "updatedAt": isoTime(a.Updated)}
}

func assetMAC(a *corpus.Asset) any {
	return row{"hostId": a.HostID, "tenantId": a.Tenant, "mac": a.MAC, "createdAt": isoTime(a.Created), "updatedAt": isoTime(a.Updated)}
}

// assetObject returns an asset as both versions of the service do.
func assetObject(a *corpus.Asset) any {
	isolation := "NOT_ISOLATED"
	if a.Isolated {
		isolation = "ISOLATED"
	}
	family, _, _ := strings.Cut(strings.ToLower(strings.TrimPrefix(a.Platform, "PLATFORM_")), "_")
	part := func(name, value string) []any {
		return []any{row{"id": a.AssetID + "-" + name, "hostId": a.HostID, name: value, "createdAt": isoTime(a.Created), "updatedAt": isoTime(a.Updated)}}
	}
	return row{
		"id": a.AssetID, "hostId": a.HostID, "rn": "rn:asset:" + a.AssetID, "tenantId": a.Tenant, "sensorTenant": a.Tenant,
		"sensorId": a.HostID[:16], "ingestTime": isoTime(a.Created), "createdAt": isoTime(a.Created), "updatedAt": isoTime(a.Updated),
		"deletedAt": isoTime(a.Deleted), "lastSeenAt": isoTime(a.LastSeen), "sensorVersion": a.Version,
		"endpointType": "ENDPOINT_TAEGIS", "endpointPlatform": a.Platform, "architecture": "x86_64", "osFamily": family,
		"systemType": "HOST", "isolationStatus": isolation, "desiredIsolationStatus": isolation, "connectionStatus": "CONNECTED",
		"hostnames": part("hostname", a.Hostname), "ipAddresses": part("ip", a.IP), "ethernetAddresses": part("mac", a.MAC),
		"users": part("username", a.User), "endpointGroup": row{"id": a.Group, "name": a.Group},
		"tags": rows(a.Tags, func(tag string) any {
			key, value, _ := strings.Cut(tag, ":")
			return row{"id": a.AssetID + "-" + key, "hostId": a.HostID, "tenantId": a.Tenant, "tag": tag, "key": key, "value": value}
		}),
	}
}

// oneAsset returns an asset by its ID, nil if there is none.
func (c *call) oneAsset(args struct{ ID string }) (any, error) {
	a, ok := c.scope.AssetByID(args.ID)
	if !ok || !c.scope.sees(a.Tenant) {
		return nil, nil
	}
	return assetObject(a), nil
}

// isolateAsset isolates an asset. Its actual state follows the desired one later.
func (c *call) isolateAsset(args struct{ ID, Reason string }) (any, error) {
	a, ok := c.scope.AssetByID(args.ID)
	if !ok || !c.scope.sees(a.Tenant) {
		return nil, notFound("there is no asset " + args.ID)
	}
	a, _ = c.scope.Assets.Update(a.Index(), func(changed *corpus.Asset) error {
		changed.Isolated, changed.Updated = true, c.scope.now.UTC()
		return nil
	})
	return assetObject(a), nil
}
