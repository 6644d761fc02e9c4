package corpus

import (
	"strconv"
	"time"
)

// Asset is an endpoint.
type Asset struct {
	ref
	AssetID, HostID, Hostname, Tenant   string
	IP, MAC, User, Platform, Version    string
	Group                               string
	Tags                                []string // "key:value" each
	Created, Updated, LastSeen, Deleted time.Time
	Isolated                            bool
}

// asset generates an asset.
func (c *Corpus) asset(index int) *Asset {
	r := newRef(c.Seed, kindAsset, index)
	a := &Asset{
		ref: r, AssetID: r.uuid(), HostID: hostID(index), Hostname: host(index), Tenant: c.tenantOf(r),
		IP: r.sourceIP(), MAC: mac(r.hex(purposeHash, 6)), User: r.user(),
		Platform: pick(r, purposePlatform, platforms), Version: "2." + strconv.Itoa(r.below(purposeNumber, 10)) + ".0",
		Group: "group-" + strconv.Itoa(r.below(purposeType, 3)+1), Created: c.assetTimes.at(index).Truncate(time.Millisecond),
	}
	if r.oneIn(purposeTag, 3) {
		a.Tags = []string{"site:" + pick(r, purposeRegion, []string{"berlin", "lyon", "oslo"})}
	}
	a.LastSeen = a.Created.Add(time.Duration(r.below(purposeUpdate, 3600)) * time.Second)
	a.Updated = a.LastSeen
	return a
}

// Index returns the position of the asset in its store.
func (a *Asset) Index() int { return a.index }

// AssetByID returns an asset by its UUID.
func (c *Corpus) AssetByID(id string) (*Asset, bool) {
	index, ok := indexOf(c.Seed, kindAsset, id)
	if !ok {
		return nil, false
	}
	a := c.Assets.At(index)
	return a, a != nil && a.AssetID == id
}
