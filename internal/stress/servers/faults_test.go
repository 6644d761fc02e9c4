package servers_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// disturbance is a fault, and whether anything can come of a call that suffers it each time.
type disturbance struct {
	name  string
	fault emulator.Fault
	// fatal is set where a success would be a wrong one.
	fatal bool
}

// disturbances are all faults that the server has, and errors with every kind of path. None
// executes a mutation without a proof of it, as a server would that answers a bare 401 or 429
// afterwards: no client could know.
var disturbances = append(pathErrors(), []disturbance{
	{"3 s late", emulator.Fault{Delay: 3 * time.Second}, false},
	{"an hour late", emulator.Fault{Delay: time.Hour}, true},
	{"token revoked", emulator.Fault{RevokeToken: true}, false},
	{"token expired", emulator.Fault{ExpireToken: true}, false},
	{"dropped", emulator.Fault{Drop: true}, true},
	{"executed, then dropped", emulator.Fault{Drop: true, Execute: true}, true},
	{"reset", emulator.Fault{Reset: true}, true},
	{"executed, then reset", emulator.Fault{Reset: true, Execute: true}, true},
	{"hangs", emulator.Fault{Hang: true}, true},
	{"executed, then hangs", emulator.Fault{Hang: true, Execute: true}, true},
	{"torn", emulator.Fault{Truncate: true}, true},
	{"cut in half", emulator.Fault{PartialBody: true}, true},
	{"length too large", emulator.Fault{ContentLengthDelta: 7}, true},
	{"length too small", emulator.Fault{ContentLengthDelta: -7}, true},
	{"a byte each 100 µs", emulator.Fault{Trickle: 100 * time.Microsecond}, false},
	{"a byte each minute", emulator.Fault{Trickle: time.Minute}, true},
	{"text/plain", emulator.Fault{ContentType: "text/plain"}, false},
	{"errors and data", emulator.Fault{Errors: []core.GraphQLError{{Message: "in part", Extensions: map[string]any{"code": "INTERNAL"}}}}, true},
	{"rate limit", emulator.Fault{RateLimit: 1, RateWindow: 2 * time.Second}, false},
	{"200, nothing", emulator.Fault{Status: 200}, true},
	{"200, a page", emulator.Fault{Status: 200, HTML: true}, true},
	{"200, null", emulator.Fault{Status: 200, Body: `null`}, true},
	{"200, an empty object", emulator.Fault{Status: 200, Body: `{}`}, true},
	{"200, an empty list", emulator.Fault{Status: 200, Body: `[]`}, true},
	{"200, no data", emulator.Fault{Status: 200, Body: `{"data":null}`}, true},
	{"200, empty data", emulator.Fault{Status: 200, Body: `{"data":{}}`}, true},
	{"200, other data", emulator.Fault{Status: 200, Body: `{"data":{"another":{"id":"1"}}}`}, true},
	{"200, errors alone", emulator.Fault{Status: 200, Body: `{"errors":[{"message":"it failed"}]}`}, true},
	{"200, rejected in band", emulator.Fault{Status: 200, Body: `{"data":null,"errors":[{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}]}`}, true},
	{"200, an empty token", emulator.Fault{Status: 200, Body: `{"access_token":"","expires_in":3600}`}, true},
	{"200, a number for a token", emulator.Fault{Status: 200, Body: `{"access_token":1,"expires_in":3600}`}, true},
	{"200, text, as an image", emulator.Fault{Status: 200, Body: "hello", ContentType: "image/png"}, true},
	{"204", emulator.Fault{Status: 204}, true},
	{"400", emulator.Fault{Status: 400, Body: `{"error":"invalid_request"}`}, true},
	{"401, repeats what it was sent", emulator.Fault{Status: 401, Body: `{"error":"invalid_client","error_description":"not ` + clientSecret + ` nor ` + mfaCode + `"}`}, true},
	{"403", emulator.Fault{Status: 403, Body: `{"message":"forbidden"}`}, true},
	{"404", emulator.Fault{Status: 404}, true},
	{"408", emulator.Fault{Status: 408}, true},
	{"422, a document that is not valid", emulator.Fault{Status: 422, Body: `{"errors":[{"message":"Cannot query field \"id\" on type \"X\".","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}`}, true},
	{"429, later", emulator.Fault{Status: 429, RetryAfter: "1"}, true},
	{"429, much later", emulator.Fault{Status: 429, RetryAfter: "99999999999"}, true},
	{"500", emulator.Fault{Status: 500}, true},
	{"executed, then 500", emulator.Fault{Status: 500, Execute: true}, true},
	{"502, a page", emulator.Fault{HTML: true}, true},
	{"503, later by a date", emulator.Fault{Status: 503, RetryAfter: "Wed, 21 Oct 2015 07:28:00 GMT"}, true},
	{"executed, then 503, sometime", emulator.Fault{Status: 503, RetryAfter: "soon", Execute: true}, true},
	{"504 with data", emulator.Fault{Status: 504, Body: `{"data":{"x":1}}`}, true},
	{"executed, then a service's validation", emulator.Fault{Status: 200, Execute: true, Body: `{"errors":[{"message":"Cannot query field \"id\" on type \"X\".","extensions":{"code":"GRAPHQL_VALIDATION_FAILED","serviceName":"x"}}]}`}, true},
}...)

// pathErrors returns errors whose paths have none to three steps, with and without data, under
// statuses that say something else. A path of two steps and data prove that the operation was
// executed, so these execute it.
func pathErrors() (list []disturbance) {
	for _, status := range []int{200, 401, 429, 503} {
		for steps := range 4 {
			for _, data := range []string{"", `"data":null,`, `"data":{"x":null},`, `"data":{"x":{"id":"1"}},`} {
				for _, code := range []string{"UNAUTHENTICATED", "INTERNAL_SERVER_ERROR"} {
					path, _ := json.Marshal([]any{"x", "list", 0}[:steps])
					proves := steps > 1 || strings.Contains(data, "id")
					name := fmt.Sprintf("%d, %s at %s, %s", status, code, path, strings.Trim(data, ","))
					list = append(list, disturbance{name, emulator.Fault{
						Status: status, Execute: proves,
						Body: fmt.Sprintf(`{%s"errors":[{"message":"no","path":%s,"extensions":{"code":%q}}]}`, data, path, code),
					}, true})
				}
			}
		}
	}
	return list
}

// TestEveryFaultIsUsed makes sure that a fault which the server learns is not forgotten here.
func TestEveryFaultIsUsed(t *testing.T) {
	kinds := reflect.TypeFor[emulator.Fault]()
	for i := range kinds.NumField() {
		used := kinds.Field(i).Name == "Times" // by the cases themselves
		for _, d := range disturbances {
			used = used || !reflect.ValueOf(d.fault).Field(i).IsZero()
		}
		if !used {
			t.Errorf("no disturbance has %s", kinds.Field(i).Name)
		}
	}
}
