package emulator

import (
	"encoding/json"
	"sync"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/schema"
)

// listing describes how an operation returns its rows in pages, as paging.json says. Paths of
// arguments and results are names with dots between them.
type listing struct {
	Service   string `json:"service"`
	Operation string `json:"operation"`
	Kind      string `json:"kind"`
	Strategy  string `json:"strategy"`
	Items     string `json:"items"` // "$" if the result is the list
	Limit     string `json:"limit"`
	Cursor    string `json:"cursor"`
	Next      string `json:"next"`
	Total     string `json:"total"`
	FirstPage *int   `json:"firstPage"` // nil if it is not known
	MaxPage   int    `json:"maxPage"`
	Default   int    `json:"default"`
	EndText   string `json:"endText"` // of the error that some servers send instead of an empty page
}

// listings returns the operations with pages: by the gateway's path, a space and the name, followed
// by " subscription" for those.
var listings = sync.OnceValue(func() map[string]*listing {
	text, err := schema.FS.ReadFile("paging.json")
	var list []*listing
	if err == nil {
		err = json.Unmarshal(text, &list)
	}
	services, serviceErr := schema.Services()
	if err != nil || serviceErr != nil {
		panic("the embedded description of pages cannot be read") // that package's tests check it
	}
	gateways := map[string]string{}
	for _, s := range services {
		gateways[s.Name] = s.Gateway
		if s.Platform == core.PlatformFusion {
			gateways[s.Name] = pathFusionGraphQL
		}
	}
	byName := map[string]*listing{}
	for _, l := range list {
		name := gateways[l.Service] + " " + l.Operation
		if l.Kind == "subscription" {
			name += " " + l.Kind
		}
		byName[name] = l
	}
	return byName
})

// listing returns the description of an operation of the request's gateway, nil if it has no pages.
func (c *call) listing(operation, suffix string) *listing {
	return listings()[c.r.URL.Path+" "+operation+suffix]
}
