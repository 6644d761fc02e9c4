package headers_test

import (
	"testing"

	"github.com/taegis-go/taegis/internal/headers"
)

func TestHeaders(t *testing.T) {
	for name, want := range map[string]struct{ identity, calls, connection bool }{
		"Authorization":       {true, true, false},
		"X-Tenant-Context":    {true, true, false},
		"X-Tenant-Id":         {true, true, false},
		"Cookie":              {true, false, false},
		"Proxy-Authorization": {true, false, false},
		"Host":                {false, false, true},
		"Content-Length":      {false, false, true},
		"Transfer-Encoding":   {false, false, true},
		"Connection":          {false, false, true},
		"Upgrade":             {false, false, true},
		"X-Amz-Acl":           {},
		"Content-Type":        {},
		"":                    {},
	} {
		if headers.CarriesIdentity(name) != want.identity || headers.IsOfCalls(name) != want.calls || headers.IsOfConnection(name) != want.connection {
			t.Errorf("%q: identity %t, calls %t, connection %t, want %+v", name,
				headers.CarriesIdentity(name), headers.IsOfCalls(name), headers.IsOfConnection(name), want)
		}
	}
}
