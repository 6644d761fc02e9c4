package transport_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
)

// What of an answer cannot be read or understood may be the operation's result. So no status proves
// that a mutation was not executed.
func TestAnAnswerThatCannotBeReadProvesNothing(t *testing.T) {
	whole := `{"data":{"greet":{"text":"` + strings.Repeat("x", 2000) + `"}}}`
	for _, body := range []string{
		whole, whole[:40], `{`, `{"errors":[{"message":"no","path":["greet","text"]`, `{"data":{"greet":{"text":NaN}}}`,
		`{"data":{"greet":{"text":"a` + "\n" + `b"}}}`, `{"data":{"greet":{},},}`, `[` + hello + `]`, "\ufeff\ufeff" + hello,
	} {
		for _, status := range []int{401, 429, 503} {
			for _, broken := range []bool{false, true} {
				tries := 0
				server := func(w http.ResponseWriter, _ *http.Request) {
					tries++
					if broken {
						w.Header().Set("Content-Length", strconv.Itoa(len(body)+1))
					}
					w.WriteHeader(status)
					_, _ = fmt.Fprint(w, body)
				}
				wire := transport.Retry(core.RetryLimits{MaxTries: 2})(&transport.HTTP{Limits: core.Limits{ResponseBytes: 1000}})
				err := wire.Execute(t.Context(), greet(serve(t, server), core.KindMutation), nil)
				fault, ok := errors.AsType[*core.ResponseError](err)
				if !ok || fault.Evidence != core.EvidenceUnread || tries != 1 || errors.Is(err, core.ErrUnauthorized) != (status == 401) {
					t.Errorf("%d %.40s, broken: %v: %d tries, %#v", status, body, broken, tries, err)
				}
			}
		}
	}
}

// An answer that is no JSON comes from what stands before the servers, so its status counts.
func TestAPageInPlaceOfAnAnswerExecutesNothing(t *testing.T) {
	for _, body := range []string{"", "<html>", "Unauthorized", `"Unauthorized"`, `{"message":"Unauthorized"}`} {
		err := execute(t, answering(401, body), nil)
		if fault, ok := errors.AsType[*core.ResponseError](err); !ok || fault.Evidence != core.EvidenceRejected {
			t.Errorf("%q: %#v", body, err)
		}
	}
}

// Wherever an answer writes its errors, none is lost, and each can prove that the operation was
// executed.
func TestErrorsInSeveralPlaces(t *testing.T) {
	const (
		denied = `{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}`
		inside = `{"message":"late","path":["greet","text"]}`
	)
	for body, want := range map[string]string{
		`{"data":{"errors":[` + inside + `]},"errors":[` + denied + `]}`:                                             "no: text: late",
		`{"data":{"greet":null,"errors":[` + inside + `]},"errors":[` + denied + `]}`:                                "no: text: late",
		`{"data":{"greet":null,"errors":[` + inside + `]}}`:                                                          "text: late",
		`{"data":{"greet":{"text":"a"},"errors":` + inside + `}}`:                                                    "text: late",
		`{"errors":[` + inside + `],"errors":[` + denied + `]}`:                                                      "text: late: no",
		`{"errors":[` + denied + `,[` + inside + `]]}`:                                                               "no: text: late",
		`{"errors":{"message":"no","extensions":{"code":"UNAUTHENTICATED"},"errors":[` + inside + `]}}`:              "no: text: late",
		`{"errors":[{"message":"no","extensions":{"code":"UNAUTHENTICATED"},"errors":[{"errors":` + inside + `}]}]}`: "no: text: late",
		`{"errors":[{"message":"","errors":[` + inside + `,` + denied + `]}],"data":{"errors":null}}`:                "text: late: no",
	} {
		var value json.RawMessage
		err := execute(t, answering(200, body), &value)
		fault, ok := errors.AsType[*core.ResponseError](err)
		if !ok || fault.Evidence != core.EvidenceExecuted || errors.Is(err, core.ErrUnauthorized) || err.Error() != "greet: "+want {
			t.Errorf("%s: %v", body, err)
		}
	}
}
