package transport_test

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
)

// execute has a server of one answer asked once.
func execute(t *testing.T, handler http.HandlerFunc, out any) error {
	t.Helper()
	return new(transport.HTTP).Execute(t.Context(), greet(serve(t, handler), core.KindQuery), out)
}

func TestAnswersThatAreNoSuccess(t *testing.T) {
	const denied = `{"errors":[{"message":"no","extensions":{"code":"FORBIDDEN"}}]}`
	for name, test := range map[string]struct {
		status       int
		body         string
		reason, text string // of the error
		rejected     bool
	}{
		"nothing":                      {200, "", "the response is empty", "", false},
		"white space":                  {200, " \n", "the response is empty", "", false},
		"a page":                       {200, "<html>Please log in</html>", "an HTML page", "", false},
		"text":                         {200, "hello", "not GraphQL", "", false},
		"a list":                       {200, "[]", "not GraphQL", "", false},
		"rubbish after the value":      {200, `{"data":{"greet":{}}x`, "not GraphQL", "", false},
		"no data":                      {200, `{}`, "has no data", "", false},
		"null data":                    {200, `{"data":null}`, "has no data", "", false},
		"another field":                {200, `{"data":{"other":1}}`, "has no greet", "", false},
		"data of another shape":        {200, `{"data":{"greet":{"text":[7]}}}`, "expected shape", "Text", false},
		"data that is no object":       {200, `{"data":7}`, "expected shape", "not a JSON object", false},
		"rubbish after the answer":     {200, hello + " }", "expected shape", "unexpected text after the response", false},
		"two answers":                  {200, hello + hello, "expected shape", "unexpected text after the response", false},
		"GraphQL with a status":        {400, denied, "", "answered 400: no", false},
		"other JSON":                   {400, `{"message":"bad\n  \u0007query"}`, `bad \x07query`, "", false},
		"other JSON, otherwise":        {500, `{"error":"broken"}`, "broken", "", false},
		"a status and a page":          {502, "<html>", "an HTML page", "answered 502", false},
		"a status alone":               {503, "", "the response is empty", "answered 503", false},
		"a status and a number":        {503, "7", "not GraphQL", "", false},
		"a status and an empty object": {503, "{}", "not GraphQL", "", false},
		"rejected":                     {401, "", "", "rejected", true},
		"rejected by a gateway":        {401, `{"message":"Unauthorized"}`, "", "rejected", true},
		"rejected, with a page":        {401, "<html>", "", "rejected", true},
		"rejected in band":             {200, `{"data":null,"errors":[{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}]}`, "", "no", true},
		"rejected, with a null value":  {200, `{"data":{"greet":null},"errors":[{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}]}`, "", "no", true},
		"rejected at the root field":   {200, `{"data":{"greet":null},"errors":[{"message":"no","path":["greet"],"extensions":{"code":"UNAUTHENTICATED"}}]}`, "", "no", true},
		"a subgraph without a token":   {200, `{"data":{"greet":null},"errors":[{"message":"no","path":["greet","text"],"extensions":{"code":"UNAUTHENTICATED"}}]}`, "", "no", false},
		"forbidden":                    {403, denied, "", "answered 403: no", false},
		"forbidden, as unauthorized":   {403, `{"errors":[{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}]}`, "", "no", false},
		"forbidden by a gateway":       {403, `{"message":"Forbidden"}`, "Forbidden", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			err := execute(t, answering(test.status, test.body, "X-Request-Id", "r-1"), new(greeting))
			answer, ok := errors.AsType[*core.ResponseError](err)
			if !ok || answer.Status != test.status || answer.Operation != "greet" || answer.Host == "" || answer.RequestID != "r-1" {
				t.Fatalf("%#v", err)
			}
			if !strings.Contains(answer.Reason, test.reason) || !strings.Contains(err.Error(), test.text) || errors.Is(err, core.ErrUnauthorized) != test.rejected {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestTextsOfAServerAreKept has errors in other forms than that of GraphQL, and answers that are
// not GraphQL, under every status and with a byte order mark.
func TestTextsOfAServerAreKept(t *testing.T) {
	for body, want := range map[string]string{
		`{"errors":[{"message":"","extensions":{"code":"BROKEN"}}]}`:               "greet: BROKEN",
		`{"errors":[{"message":null,"extensions":{"code":"BROKEN"}}],"data":null}`: "greet: BROKEN",
		`{"errors":[{"extensions":{"code":503}}]}`:                                 "greet: 503",
		`{"errors":[{"message":"  ","code":"BROKEN"}]}`:                            "greet: BROKEN",
		`{"errors":[{"message":null}]}`:                                            `greet: {"message":null}`,
		`{"errors":[{"message":7}]}`:                                               "greet: 7",
		`{"errors":[{"msg":"broken"}]}`:                                            `greet: {"msg":"broken"}`,
		`{"errors":["one", "two"]}`:                                                "greet: one: two",
		`{"errors":"broken"}`:                                                      "greet: broken",
		`{"errors":{"message":"broken","path":["greet","id"]}}`:                    "greet: id: broken",
		`{"errors":{"name":["is too long"]}}`:                                      `greet: {"name":["is too long"]}`,
		`{"errors":[null,{"message":"broken"}]}`:                                   "greet: an error that the server does not describe: broken",
		`{"errors":[["broken"]]}`:                                                  "greet: broken",
		`{"errors":true}`:                                                          "greet: true",
		`{"data":{"errors":[{"message":"broken"}]}}`:                               "greet: broken",
		`{"data":{"errors":["broken"]},"errors":null}`:                             "greet: broken",
		`{"errors":[{"message":"broken","path":["greet"],"locations":"here"}]}`:    "greet: broken",
		`{"errors":[{"message":"broken","path":["greet","a",2,"b"]}]}`:             "greet: a[2].b: broken",
		`{"errors":[{"message":"broken","path":["other"]}]}`:                       "greet: other: broken",
		`{"errors":[{"message":"greet: broken"}]}`:                                 "greet: broken",
		`{"error":"Not Found","message":"no route"}`:                               "Not Found: no route",
		`{"message":"no route","error":"Not Found"}`:                               "Not Found: no route",
		`{"error":{"message":"broken","code":7}}`:                                  "broken",
		`{"Message":"broken"}`:                                                     "broken",
		`{"error":"broken","error_description":"by a deployment"}`:                 "broken: by a deployment",
		`{"title":"Forbidden","status":403,"detail":"not from here"}`:              "Forbidden: not from here",
		`{"errors":[],"message":"broken"}`:                                         "broken",
		`{"data":null,"errors":{},"error":"broken"}`:                               "broken",
		"{\"fault\":\n {\"faultstring\":\"Invalid key " + canary + "\"}}":          `{"fault": {"faultstring":"Invalid key [redacted]"}}`,
	} {
		for _, status := range []int{200, 400, 502} {
			for _, mark := range []string{"", "\ufeff", " \ufeff\n"} {
				err := execute(t, answering(status, mark+body), new(greeting))
				answer, ok := errors.AsType[*core.ResponseError](err)
				host, _, _ := strings.Cut(want, ": ")
				said := strings.TrimPrefix(want, host+": ")
				if !ok || answer.Status != status || !strings.HasSuffix(err.Error(), said) || strings.HasPrefix(want, "greet") && status == 200 && err.Error() != want ||
					strings.Contains(err.Error(), "greet: greet") || strings.Contains(err.Error(), ": :") {
					t.Errorf("%d %q: %v, want %s", status, mark+body, err, want)
				}
			}
		}
	}
}

// TestAByteOrderMark stands before answers of every kind, and may arrive in pieces.
func TestAByteOrderMark(t *testing.T) {
	for _, pieces := range [][]string{{"\ufeff" + hello}, {"\xef", "\xbb", "\xbf", hello}, {"\n\ufeff", "\n" + hello}} {
		var out greeting
		err := execute(t, func(w http.ResponseWriter, _ *http.Request) {
			for _, piece := range pieces {
				_, _ = w.Write([]byte(piece))
				_ = http.NewResponseController(w).Flush()
			}
		}, &out)
		if err != nil || out.Text != "hello" {
			t.Errorf("%q: %+v, %v", pieces, out, err)
		}
	}
	if err := execute(t, answering(502, "\ufeff<html>"), nil); !strings.Contains(err.Error(), "an HTML page") {
		t.Error(err)
	}
	if err := execute(t, answering(200, "\ufeff"), nil); !strings.Contains(err.Error(), "the response is empty") {
		t.Error(err)
	}
}

func TestAnotherMediaTypeIsNamed(t *testing.T) {
	err := execute(t, answering(200, "hello", "Content-Type", "text/plain; charset=utf-8"), nil)
	if err == nil || !strings.Contains(err.Error(), "but text/plain") {
		t.Error(err)
	}
}

func TestALongMessageIsCut(t *testing.T) {
	err := execute(t, answering(500, `{"message":"`+strings.Repeat("é", 5000)+`"}`), nil)
	if answer, ok := errors.AsType[*core.ResponseError](err); !ok || len([]rune(answer.Reason)) != 201 {
		t.Error(err)
	}
}

func TestPartialDataIsKept(t *testing.T) {
	type item struct{ Name string }
	var out struct {
		Text  string
		Items []*item
		Count int
	}
	// The errors come first, a path mixes names and indexes, and one member does not fit.
	err := execute(t, answering(200, `{"errors":[{"message":"hidden","path":["greet","items",1,"name"],"locations":[{"line":1}],"extensions":null},{"message":"late"}],
		"extensions":{"cost":1},"data":{"other":[1,{}],"greet":{"count":"many","text":"hello","items":[{"name":"a"},null]}}}`), &out)
	answer, ok := errors.AsType[*core.ResponseError](err)
	if !ok || len(answer.Errors) != 2 || !reflect.DeepEqual(answer.Errors[0].Path, []any{"greet", "items", 1, "name"}) {
		t.Fatalf("%#v", err)
	}
	if want := "greet.items[1].name: hidden"; answer.Errors[0].Error() != want {
		t.Errorf("%q, want %q", answer.Errors[0].Error(), want)
	}
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); !ok || out.Text != "hello" || len(out.Items) != 2 || out.Items[0].Name != "a" || out.Items[1] != nil {
		t.Errorf("%+v, %v", out, err)
	}
}

// What follows an answer is told of, and costs nothing of it.
func TestAnAnswerWithSomethingBehindIt(t *testing.T) {
	for _, rest := range []string{"}", hello, "<!-- proxy -->"} {
		var out greeting
		err := execute(t, answering(200, hello+"\n"+rest), &out)
		if answer, ok := errors.AsType[*core.ResponseError](err); !ok || !answer.Partial || out.Text != "hello" {
			t.Errorf("%q: %+v, %#v", rest, out, err)
		}
	}
}

func TestValues(t *testing.T) {
	for _, body := range []string{`{"data":{"greet":null}}`, `{"data":{"greet":null},"errors":[]}`, `{"data":{"greet":null},"errors":null}`} {
		out := &greeting{"before"}
		if err := execute(t, answering(200, body), &out); err != nil || out != nil {
			t.Errorf("%s: %v, %v", body, out, err)
		}
	}
	var raw json.RawMessage
	if err := execute(t, answering(201, `{"data":{"greet": {"n":1.50} }}`), &raw); err != nil || string(raw) != `{"n":1.50}` {
		t.Errorf("%s, %v", raw, err)
	}
	var whole any
	if err := execute(t, answering(200, hello), &whole); err != nil || fmt.Sprint(whole) != "map[text:hello]" {
		t.Errorf("%v, %v", whole, err)
	}
	if err := execute(t, answering(200, hello), greeting{}); err == nil || !strings.Contains(err.Error(), "pointer") {
		t.Errorf("out is no pointer: %v", err)
	}
}

// TestTornAnswers has answers break off in the three ways that HTTP knows.
func TestTornAnswers(t *testing.T) {
	bodies := []string{hello[:1], hello[:8], hello[:20], hello[:len(hello)-2], hello[:len(hello)-1]}
	for name, begin := range map[string]string{
		"length":  "Content-Length: 4096\r\n\r\n",
		"chunks":  "Transfer-Encoding: chunked\r\n\r\nff\r\n",
		"hang-up": "Connection: close\r\n\r\n",
	} {
		for _, text := range bodies {
			err := execute(t, func(w http.ResponseWriter, r *http.Request) {
				conn, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				defer conn.Close()
				_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n%s%s", begin, text)
			}, nil)
			if gone, ok := errors.AsType[*core.ConnectionError](err); !ok || !gone.Sent || !strings.Contains(err.Error(), "incomplete") {
				t.Errorf("%s after %s: %#v", name, text, err)
			}
		}
	}
}

func TestCompressedAnswers(t *testing.T) {
	err := execute(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("Accept-Encoding %q", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = z.Write([]byte(hello))
		_ = z.Close()
	}, nil)
	if err != nil {
		t.Error(err)
	}
}

func TestResponseBytesBoundsTheDecompressedAnswer(t *testing.T) {
	env := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = z.Write([]byte(hello))
		_ = z.Close()
	})
	for limit, fits := range map[int64]bool{int64(len(hello)): true, int64(len(hello)) - 1: false, 1: false, math.MaxInt64: true} {
		err := (&transport.HTTP{Limits: core.Limits{ResponseBytes: limit}}).Execute(t.Context(), greet(env, core.KindQuery), nil)
		exceeded, ok := errors.AsType[*core.LimitError](err)
		if fits != (err == nil) || !fits && (!ok || exceeded.Option != "Limits.ResponseBytes" || err.Error() != "greet: "+exceeded.Error() || !strings.Contains(err.Error(), fmt.Sprintf("more than %d bytes", limit))) {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
}

// An answer means the same however it is spaced.
func TestAnswersWithSpaces(t *testing.T) {
	for _, data := range []string{`null`, ` null`, "\n7", ` []`, ` {"other": 1}`} {
		env := serve(t, answering(200, `{"data":`+data+`, "errors": [{"message": "no", "extensions": {"code": "UNAUTHENTICATED"}}]}`))
		for _, document := range []string{"", "query greet { greet }"} {
			req := greet(env, core.KindQuery)
			req.Document = document
			answer, ok := errors.AsType[*core.ResponseError](new(transport.HTTP).Execute(t.Context(), req, nil))
			if !ok || len(answer.Errors) != 1 || errors.Is(answer, core.ErrUnauthorized) != strings.Contains(data, "null") {
				t.Errorf("%q: %+v", data, answer)
			}
		}
	}
	if err := execute(t, answering(200, `{"data": }`), nil); err == nil || !strings.Contains(err.Error(), "not GraphQL") {
		t.Errorf("error %v", err)
	}
}

// What is no answer is not read on, however long it is, and a length that is told is not believed.
func TestAPageIsNotReadToItsEnd(t *testing.T) {
	for _, page := range []string{"<html>", " \n\n<html>", strings.Repeat(" ", 5000) + "<html>"} {
		env := serve(t, answering(502, page+strings.Repeat("x", 1<<20), "Content-Length", strconv.Itoa(len(page)+1<<20)))
		err := (&transport.HTTP{Limits: core.Limits{ResponseBytes: 1 << 16}}).Execute(t.Context(), greet(env, core.KindQuery), nil)
		if answer, ok := errors.AsType[*core.ResponseError](err); !ok || !strings.Contains(answer.Reason, "an HTML page") {
			t.Errorf("%.10q: %v", page, err)
		}
	}
}

// The texts of answers lie in the same memory one after the other, and nothing of them shows in
// what was decoded before.
func TestAnswersKeepNothingOfEachOther(t *testing.T) {
	type kept struct {
		Text string
		Raw  json.RawMessage
	}
	var got []kept
	sizes := []int{10, 3 << 20, 1 << 20, 100, 5 << 20, 0}
	for i, n := range sizes {
		var out kept
		text := strings.Repeat(string(rune('a'+i)), n)
		if err := execute(t, answering(200, `{"data":{"greet":{"text":"`+text+`","raw":["`+text+`"]}}}`), &out); err != nil {
			t.Fatal(err)
		}
		got = append(got, out)
	}
	for i, n := range sizes {
		if text := strings.Repeat(string(rune('a'+i)), n); got[i].Text != text || string(got[i].Raw) != `["`+text+`"]` {
			t.Errorf("answer %d: %.20q, %.20q", i, got[i].Text, got[i].Raw)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Now().UTC()
	for _, test := range []struct {
		value, date string
		want, slack time.Duration
	}{
		{"7", "", 7 * time.Second, 0},
		{"0", "", 0, 0},
		{"-5", "", 0, 0},
		{"18446744074", "", math.MaxInt32 * time.Second, 0},
		{"soon", "", 0, 0},
		{"", "", 0, 0},
		{"Wed, 21 Oct 2015 07:28:09 GMT", "Wed, 21 Oct 2015 07:28:00 GMT", 9 * time.Second, 0},
		{"Wed, 21 Oct 2015 07:28:00 GMT", "", 0, 0},
		{now.Add(time.Hour).Format(http.TimeFormat), now.Format(http.TimeFormat), time.Hour, 0},
		{now.Add(time.Hour).Format(http.TimeFormat), "none", time.Hour, time.Minute},
	} {
		header := []string{"Retry-After", test.value}
		if test.date != "" {
			header = append(header, "Date", test.date)
		}
		answer, ok := errors.AsType[*core.ResponseError](execute(t, answering(429, "", header...), nil))
		if !ok || (answer.RetryAfter-test.want).Abs() > test.slack {
			t.Errorf("%+v: %v", test, answer)
		}
	}
}

func TestErrorsHoldNoSecrets(t *testing.T) {
	const secret, listed = "hush-hush", "in-a-list"
	for _, echo := range []string{
		`{"message":"bad token %[1]s and %[2]s, 123456 and in-a-list"}`,
		`{"errors":[{"message":"bad token %[1]s","extensions":{"got":["%[2]s",{"deep":"%[1]s"}]}}]}`,
	} {
		req := greet(serve(t, answering(400, fmt.Sprintf(echo, canary, secret))), core.KindQuery)
		req.Operation.Arguments = append(req.Operation.Arguments, core.Argument{Name: "otp", Type: "Int"}, core.Argument{Name: "tokens", Type: "[String]"})
		req.Args = map[string]any{"name": "ann", "clientSecret": secret, "otp": 123456, "tokens": []string{listed}}
		err := new(transport.HTTP).Execute(t.Context(), req, nil)
		answer, ok := errors.AsType[*core.ResponseError](err)
		shown := fmt.Sprintf("%v %+v", err, answer)
		if !ok || strings.Contains(shown, canary) || strings.Contains(shown, secret) || strings.Contains(shown, listed) ||
			strings.Contains(shown, "123456") || !strings.Contains(shown, "[redacted]") {
			t.Error(shown)
		}
	}
}
