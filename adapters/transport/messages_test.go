package transport_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
)

// conversing subscribes at a server that says the messages after the start, and then waits.
func conversing(t *testing.T, messages ...string) (values []string, errs []error) {
	env := serve(t, socket(t, "graphql-ws", func(p *peer) {
		p.want("connection_init")
		p.say(ack)
		p.want("start")
		p.say(messages...)
		p.drain()
	}))
	return received(t.Context(), &transport.HTTP{}, greet(env, core.KindSubscription))
}

// TestMessagesThatDoNotEndASubscription has each message between two values.
func TestMessagesThatDoNotEndASubscription(t *testing.T) {
	for _, message := range []string{
		"", " \r\n", "\ufeff", "\ufeff ", "null", "{}", `{"type":null}`, `{"type":"unheard of"}`,
		`{"type":"ka","payload":[1]}`, `{"id":[],"type":"ka"}`, `{"id":1,"type":"ka"}`, "\ufeff" + ka, ack, `{"type":"pong"}`, `{"type":"ping","payload":7}`,
		`{"id":"2","type":"complete"}`, `{"id":2,"type":"complete"}`, `{"id":11,"type":"complete","payload":{}}`, `{"id":true,"type":"complete"}`,
		`{"id":"2","type":"error","payload":{"message":"of another"}}`, `{"id":2,"type":"error","payload":"of another"}`,
		strings.Replace(data(`"of another"`), `"1"`, `"2"`, 1), strings.Replace(data(`"of another"`), `"1"`, `12`, 1),
	} {
		values, errs := conversing(t, data("1"), message, data("2"), complete)
		if !slices.Equal(values, []string{"1", "2"}) || errs[0] != nil || errs[1] != nil {
			t.Errorf("%q: %q, %v", message, values, errs)
		}
	}
}

// What is no message of the protocol ends the subscription, instead of leaving it to wait for ever.
func TestInvalidMessages(t *testing.T) {
	for _, message := range []string{"[]", "7", "{", `{"type":7}`, `{"type":["data"]}`, `{"id":"1","type":{}}`} {
		values, errs := conversing(t, data("1"), message, data("2"), complete)
		answer, ok := errors.AsType[*core.ResponseError](errs[len(errs)-1])
		if len(values) != 2 || values[0] != "1" || !ok || !strings.Contains(answer.Reason, "not GraphQL") {
			t.Errorf("%q: %q, %v", message, values, errs)
		}
	}
}

// TestIdsInEveryForm sends IDs in another JSON form than the client's.
func TestIdsInEveryForm(t *testing.T) {
	for _, id := range []string{`"id":1,`, `"id":1.0,`, `"id":"\u0031",`, `"id":null,`, `"id":"",`, ``} {
		for _, kind := range []string{`"data"`, `"next"`} {
			value := strings.NewReplacer(`"id":"1",`, id, `"data",`, kind+",").Replace(data("1"))
			values, errs := conversing(t, value, "\ufeff"+value, strings.Replace(complete, `"id":"1",`, id, 1))
			if !slices.Equal(values, []string{"1", "1"}) || errs[0] != nil || errs[1] != nil {
				t.Errorf("%s: %q, %v", value, values, errs)
			}
		}
		_, errs := conversing(t, `{`+id+`"type":"error","payload":{"message":"broken"}}`)
		if len(errs) != 1 || !strings.Contains(errs[0].Error(), "greet: broken") {
			t.Errorf("%s: %v", id, errs)
		}
	}
}

// TestMessagesWithoutDataEndNothing has such messages before and after values: each gives an error.
func TestMessagesWithoutDataEndNothing(t *testing.T) {
	for _, row := range [][2]string{
		{`{"data":null,"errors":[{"message":"late"}]}`, "greet: late"},
		{`{"data":null,"errors":[{"message":"late","path":["greet"]}]}`, "greet: late"},
		{`{"errors":[{"message":"late"}]}`, "greet: late"},
		{`{"errors":{"message":"late"}}`, "greet: late"},
		{`{"errors":"late"}`, "greet: late"},
		{`{"errors":["late",null]}`, "greet: late"},
		{`{"data":null,"errors":[{"message":null,"extensions":{"code":"LATE"}}]}`, "greet: LATE"},
		{`{"data":null}`, "has no data"},
		{`{"data":{}}`, "has no greet"},
		{`{"data":{"greet":null},"errors":[{"message":"late","path":["greet",0]}]}`, "late"},
		{`{"data":null,"errors":[{"message":"a","path":["greet",1,"x"],"extensions":{"code":"UNAUTHORIZED"}}]}`, "a"},
		{`{"message":"late"}`, "late"},
	} {
		payload, want := row[0], row[1]
		partial := `{"id":"1","type":"data","payload":` + payload + `}`
		values, errs := conversing(t, partial, data("1"), partial, data("2"), complete)
		if !slices.Equal(values, []string{"null", "1", "null", "2"}) || errs[1] != nil || errs[3] != nil {
			t.Errorf("%s: %q, %v", payload, values, errs)
			continue
		}
		for _, err := range []error{errs[0], errs[2]} {
			if answer, ok := errors.AsType[*core.ResponseError](err); !ok || answer.Status != 200 || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", payload, err)
			}
		}
	}
}

// A token that is rejected in the first message was not accepted for the operation. Later it says
// that of one value, and the server says whether that is the end.
func TestARejectionInBand(t *testing.T) {
	for _, value := range []string{`null`, `{"greet":null}`} {
		denied := `{"id":"1","type":"data","payload":{"data":` + value + `,"errors":[{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}]}}`
		values, errs := conversing(t, denied, data("1"), complete)
		if !slices.Equal(values, []string{""}) || !errors.Is(errs[0], core.ErrUnauthorized) {
			t.Errorf("%q, %v", values, errs)
		}
		values, errs = conversing(t, data("1"), denied, data("2"), complete)
		if !slices.Equal(values, []string{"1", "null", "2"}) || !errors.Is(errs[1], core.ErrUnauthorized) || errs[2] != nil {
			t.Errorf("%q, %v", values, errs)
		}
	}
}

// errorPayloads are forms in which servers say why they end a subscription, and what is shown of
// it.
var errorPayloads = map[string]string{
	`,"payload":"out of order"`:                                      "greet: out of order",
	`,"payload":["one","two"]`:                                       "greet: one: two",
	`,"payload":{"message":"broken"}`:                                "greet: broken",
	`,"payload":[{"message":"broken"}]`:                              "greet: broken",
	`,"payload":{"errors":[{"message":"broken"}]}`:                   "greet: broken",
	`,"payload":{"errors":"broken"}`:                                 "greet: broken",
	`,"payload":{"error":"broken"}`:                                  "greet: broken",
	`,"payload":{"error":{"message":"broken"}}`:                      "greet: broken",
	`,"payload":{"error":"Broken","message":"by a deployment"}`:      "by a deployment",
	`,"payload":{"Message":"broken"}`:                                "greet: broken",
	`,"payload":{"message":null,"extensions":{"code":"BROKEN"}}`:     "greet: BROKEN",
	`,"payload":{"message":"","code":"BROKEN"}`:                      "greet: BROKEN",
	`,"payload":{"errors":[{"errorType":"Broken","errorCode":500}]}`: "greet: 500",
	`,"payload":{"why":["a",{"b":1}]}`:                               `greet: {"why":["a",{"b":1}]}`,
	`,"payload":{"message":{"text":"broken"}}`:                       `greet: {"text":"broken"}`,
	`,"payload":42`:                    "greet: 42",
	`,"payload":[null]`:                "greet: an error that the server does not describe",
	`,"payload":null`:                  "without a description",
	`,"payload":{}`:                    "without a description",
	`,"payload":""`:                    "without a description",
	``:                                 "without a description",
	`,"message":"broken"`:              "greet: broken",
	`,"errors":[{"message":"broken"}]`: "greet: broken",
	`,"error":"Broken","message":"by a deployment"`:                          "greet: Broken: by a deployment",
	`,"payload":{"message":"greet: broken"}`:                                 "greet: broken",
	`,"payload":[{"message":"broken","path":["greet","list",1,"name"]}]`:     "greet: list[1].name: broken",
	`,"payload":[{"message":"broken","path":"greet.list.1","locations":{}}]`: "greet: list[1]: broken",
	`,"payload":[{"message":"broken","path":null,"extensions":"none"}]`:      "greet: broken",
}

// TestErrorsOfAServerAreKept has every form before the acknowledgement, and after the start.
func TestErrorsOfAServerAreKept(t *testing.T) {
	for members, want := range errorPayloads {
		for _, message := range []string{`{"id":"1","type":"error"` + members + `}`, `{"type":"connection_error"` + members + `}`} {
			early := serve(t, socket(t, "graphql-ws", func(p *peer) {
				p.want("connection_init")
				p.say(ka, message)
				p.drain()
			}))
			_, before := received(t.Context(), &transport.HTTP{}, greet(early, core.KindSubscription))
			values, after := conversing(t, data("1"), message)
			if len(before) != 1 || len(after) != 2 || values[1] != "" {
				t.Fatalf("%s: %v, %v", message, before, after)
			}
			for _, err := range []error{before[0], after[1]} {
				if answer, ok := errors.AsType[*core.ResponseError](err); !ok || answer.Status != 200 || !strings.HasSuffix(err.Error(), want) ||
					strings.Contains(err.Error(), "greet: greet") || errors.Is(err, core.ErrUnauthorized) {
					t.Errorf("%s: %v, want %q", message, err, want)
				}
			}
		}
	}
}

// TestMessagesThatEndASubscriptionBeforeTheAcknowledgement has messages that took the time limit to
// end it.
func TestMessagesThatEndASubscriptionBeforeTheAcknowledgement(t *testing.T) {
	for message, want := range map[string]string{
		`{"type":"error","payload":{"message":"early"}}`:           "early",
		`{"id":null,"type":"error","payload":{"message":"early"}}`: "early",
		`{"id":1,"type":"error","payload":"early"}`:                "early",
		complete: "without a description",
		`{"message":"Internal server error","connectionId":"x","requestId":"y"}`: "Internal server error",
		`{"errors":["early"]}`: "early",
		`{"error":"early"}`:    "early",
	} {
		env := serve(t, socket(t, "", func(p *peer) {
			p.want("connection_init")
			p.say(ka, message)
			p.drain()
		}))
		values, errs := received(t.Context(), &transport.HTTP{}, greet(env, core.KindSubscription))
		if len(values) != 1 || !strings.Contains(errs[0].Error(), want) {
			t.Errorf("%s: %v", message, errs)
		}
	}
}

// TestRejectionsBeforeTheAcknowledgement are those that do not have the code UNAUTHENTICATED:
// nothing was executed yet, so that a word suffices.
func TestRejectionsBeforeTheAcknowledgement(t *testing.T) {
	for payload, rejected := range map[string]bool{
		`{"message":"Unauthorized"}`:                                           true,
		`"Unauthorized"`:                                                       true,
		`{"message":"UNAUTHENTICATED: expired"}`:                               true,
		`{"message":"no","code":"UNAUTHENTICATED"}`:                            true,
		`{"message":"no","extensions":{"code":401}}`:                           true,
		`{"errors":[{"errorType":"UnauthorizedException","message":"no"}]}`:    true,
		`{"errors":[{"message":"no","errorCode":401}]}`:                        true,
		`{"message":"no","extensions":{"code":"FORBIDDEN"}}`:                   false,
		`{"message":"Forbidden"}`:                                              false,
		`{"message":"no","code":403}`:                                          false,
		`{"message":"Unauthorized","extensions":{"code":"TOO_MANY_SESSIONS"}}`: false,
	} {
		env := serve(t, socket(t, "", func(p *peer) {
			p.want("connection_init")
			p.say(`{"type":"connection_error","payload":` + payload + `}`)
			p.drain()
		}))
		_, errs := received(t.Context(), &transport.HTTP{}, greet(env, core.KindSubscription))
		if errors.Is(errs[0], core.ErrUnauthorized) != rejected {
			t.Errorf("%s: %v, want a rejection: %v", payload, errs[0], rejected)
		}
	}
}
