package emulator

import (
	"maps"
	"sync"

	"github.com/taegis-go/taegis/core"
)

// operation resolves a root field that does not return an example.
type operation func(*call, map[string]any) (any, error)

// operations returns the root fields that have a function of their own. A name that several
// gateways have is preceded by the path and a space on all but the default one.
var operations = sync.OnceValue(func() map[string]operation {
	return merge(clientOperations(), alertOperations(), eventOperations(), caseOperations(), otherOperations(), fusionOperations())
})

func merge(parts ...map[string]operation) map[string]operation {
	all := map[string]operation{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return all
}

// answer executes a root field of a query or a mutation.
func (c *call) answer(field string, args map[string]any) (any, error) {
	if serve, own := operations()[c.r.URL.Path+" "+field]; own {
		return serve(c, args)
	}
	if serve, own := operations()[field]; own && c.platform() == core.PlatformTaegis {
		return serve(c, args)
	}
	if l := c.listing(field, ""); l != nil {
		return c.listed(l, args)
	}
	return example{name: field}, nil
}
