package evidence_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/evidence"
)

// Errors by what they prove.
const (
	none         = `[]`
	plain        = `[{"message":"no"}]`
	unauth       = `[{"extensions":{"code":"UNAUTHENTICATED"}}]`
	unauthRoot   = `[{"path":["op"],"extensions":{"code":"UNAUTHENTICATED"}}]`
	unauthDeep   = `[{"path":["op","client"],"extensions":{"code":"UNAUTHENTICATED"}}]`
	unauthDeeper = `[{"path":["op","list",0,"id"],"extensions":{"code":"UNAUTHENTICATED"}}]`
	unauthBoth   = `[{"path":["op"],"extensions":{"code":"UNAUTHENTICATED"}},{"path":["op","client"],"message":"no"}]`
	unauthTwice  = `[{"path":["op"],"extensions":{"code":"UNAUTHENTICATED"}},{"path":["op"],"message":"no"}]`
	unauthVague  = `[{"extensions":{"code":"UNAUTHENTICATED","serviceName":"clients"}}]`
	unauthNamed  = `[{"path":["op"],"extensions":{"code":"UNAUTHENTICATED","serviceName":"clients"}}]`
	failedRoot   = `[{"path":["op"],"message":"conflict"}]`
	failedDeep   = `[{"path":["op","client"],"message":"conflict"}]`
	invalid      = `[{"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]`
	unparsable   = `[{"extensions":{"code":"GRAPHQL_PARSE_FAILED"}}]`
	invalidInput = `[{"path":["variable","input","name"],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]`
	invalidBelow = `[{"extensions":{"code":"GRAPHQL_VALIDATION_FAILED","serviceName":"clients"}}]`
	failedBelow  = `[{"message":"no","extensions":{"code":"DOWNSTREAM_SERVICE_ERROR","serviceName":"clients"}}]`
)

func TestWhatAnAnswerProves(t *testing.T) {
	const (
		unknown   = core.EvidenceUnknown
		executed  = core.EvidenceExecuted
		rejected  = core.EvidenceRejected
		throttled = core.EvidenceThrottled
		notValid  = core.EvidenceInvalid
	)
	// The columns: `data` is absent or null, has null for its root field, has a value.
	for _, row := range []struct {
		errors   string
		statuses []int
		proves   [3]core.Evidence
	}{
		{none, []int{200, 400, 403, 408, 500, 502, 503, 504}, [3]core.Evidence{unknown, executed, executed}},
		{none, []int{401}, [3]core.Evidence{rejected, rejected, executed}},
		{none, []int{429}, [3]core.Evidence{throttled, executed, executed}},
		{plain, []int{200, 400, 403, 503}, [3]core.Evidence{unknown, executed, executed}},
		{plain, []int{401}, [3]core.Evidence{rejected, rejected, executed}},
		{plain, []int{429}, [3]core.Evidence{throttled, executed, executed}},
		{unauth, []int{200, 400, 401, 429, 500, 503}, [3]core.Evidence{rejected, rejected, executed}},
		{unauth, []int{403}, [3]core.Evidence{unknown, executed, executed}},
		{unauthRoot, []int{200, 400, 401, 429, 503}, [3]core.Evidence{rejected, rejected, executed}},
		{unauthRoot, []int{403}, [3]core.Evidence{unknown, executed, executed}},
		{unauthDeep, []int{200, 401, 403, 429, 503}, [3]core.Evidence{executed, executed, executed}},
		{unauthDeeper, []int{200, 401, 403, 429, 503}, [3]core.Evidence{executed, executed, executed}},
		{unauthBoth, []int{200, 401, 429, 503}, [3]core.Evidence{executed, executed, executed}},
		{unauthTwice, []int{200, 401, 429, 503}, [3]core.Evidence{rejected, rejected, executed}},
		{unauthVague, []int{200, 401, 403, 429, 503}, [3]core.Evidence{executed, executed, executed}},
		{unauthNamed, []int{200, 401, 429, 503}, [3]core.Evidence{rejected, rejected, executed}},
		{failedRoot, []int{200}, [3]core.Evidence{executed, executed, executed}},
		{failedRoot, []int{400, 403, 503}, [3]core.Evidence{unknown, executed, executed}},
		{failedRoot, []int{401}, [3]core.Evidence{rejected, rejected, executed}},
		{failedRoot, []int{429}, [3]core.Evidence{throttled, executed, executed}},
		{failedDeep, []int{200, 400, 401, 403, 429, 503}, [3]core.Evidence{executed, executed, executed}},
		{invalid, []int{200, 400, 422, 500}, [3]core.Evidence{notValid, executed, executed}},
		{unparsable, []int{200, 400}, [3]core.Evidence{notValid, executed, executed}},
		{invalidInput, []int{200, 422}, [3]core.Evidence{notValid, executed, executed}},
		{invalid, []int{429}, [3]core.Evidence{throttled, executed, executed}},
		{invalidBelow, []int{200, 400, 401, 429}, [3]core.Evidence{executed, executed, executed}},
		{failedBelow, []int{200, 401, 429, 503}, [3]core.Evidence{executed, executed, executed}},
	} {
		for _, status := range row.statuses {
			for column, want := range row.proves {
				data := evidence.Data(column)
				t.Run(fmt.Sprintf("%d %s data %d", status, row.errors, data), func(t *testing.T) {
					a := evidence.Answer{Status: status, Data: data}
					if err := json.Unmarshal([]byte(row.errors), &a.Errors); err != nil {
						t.Fatal(err)
					}
					vague := row.errors == unauthVague && data != evidence.DataValue && status != 403
					got, rejects := evidence.Of(a)
					if got != want || rejects != (want == rejected || vague) {
						t.Errorf("%v, token rejected: %v; want %v", got, rejects, want)
					}
				})
			}
		}
	}
}
