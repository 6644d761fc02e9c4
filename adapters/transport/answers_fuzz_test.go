package transport_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
)

// bodies are responses of servers and proxies, and invented ones.
var bodies = []string{
	`{"data":{"greet":{"text":"hello"}}}`, `{"data":{"greet":null}}`, `{"data":null}`, `{"data":{}}`, `{}`, `null`, `[]`, ``, ` `, `{`, `<html>`,
	`{"data":{"greet":[1.50,"\ud800"]},"errors":[{"message":"half of it","path":["greet",0,1.5],"extensions":{"code":"X"}}]}`,
	`{"errors":[{"message":"canary.to.ken is bad","extensions":{"code":"UNAUTHENTICATED"},"path":["canary.to.ken"]}]}`,
	`{"errors":[{"message":"no","extensions":{"canary.to.ken":["canary.to.ken",{"a":1e400}]}}],"data":null}`, `{"errors":[]}`, `{"errors":{}}`, `{"errors":[null]}`,
	`{"errors":[7],"data":{"greet":1}}`, `{"data":7}`, `{"data":[],"errors":null}`, `{"message":"canary.to.ken\n\u001b[2J","error":{}}`, `{"data":{"greet":1}} {}`,
	`{"data":{"greet":1}}x`, `{"DATA":{"greet":1},"data":{"Greet":2}}`, `{"data":{"greet":1},"data":{"greet":2}}`, "\ufeff{}", "{\"data\":{\"greet\":\"\xff\"}}",
}

// verdict is what is to come of an answer's text.
type verdict struct {
	value    json.RawMessage // nil if there is none
	partial  bool            // there is a value that is not null
	errors   []core.GraphQLError
	rejected bool // the token
	fails    bool
}

// decide reads a text with encoding/json alone. What has a member twice is not judged, nor is an
// answer with more text behind it that does not end, nor one with errors in several places.
func decide(status int, text []byte, name string) (v verdict, ok bool) {
	d := json.NewDecoder(bytes.NewReader(text))
	var whole json.RawMessage
	if d.Decode(&whole) != nil || whole[0] != '{' {
		return verdict{fails: true, rejected: status == http.StatusUnauthorized}, true
	}
	v.fails = status >= 300 || len(bytes.TrimSpace(text)) > len(bytes.TrimSpace(whole))
	answer, once := members(whole)
	data, hasData := answer["data"]
	there := hasData && string(data) != "null"
	if list, there := answer["errors"]; there {
		v.fails = json.Unmarshal(list, &v.errors) != nil || v.fails
	}
	switch {
	case !there:
	case name == "":
		v.value = data
	case data[0] == '{':
		inner, alone := members(data)
		_, nested := inner["errors"]
		once, v.value = once && alone && !nested, inner[name]
	}
	var list []json.RawMessage
	_ = json.Unmarshal(answer["errors"], &list)
	for _, item := range list {
		inner, _ := members(item)
		_, nested := inner["errors"]
		once = once && !nested && item[0] != '['
	}
	v.partial = there && (data[0] != '{' || anyValue(data))
	v.rejected = rejecting(status, v)
	v.fails = v.fails || len(v.errors) > 0 || v.value == nil
	return v, once
}

// anyValue reports whether a member of an object is not null.
func anyValue(object json.RawMessage) bool {
	all, _ := members(object)
	delete(all, "__typename")
	for _, value := range all {
		if string(value) != "null" {
			return true
		}
	}
	return false
}

// rejecting reports whether an answer says that the token was rejected.
func rejecting(status int, v verdict) bool {
	says := status == http.StatusUnauthorized
	for _, e := range v.errors {
		_, ofService := e.Extensions["serviceName"]
		unauthenticated := e.Code() == "UNAUTHENTICATED"
		if len(e.Path) > 1 && e.Path[0] != "variable" || ofService && !unauthenticated {
			return false
		}
		says = says || unauthenticated && status != http.StatusForbidden
	}
	return says && !v.partial
}

// members returns those of a JSON object, and whether each is there once.
func members(object json.RawMessage) (all map[string]json.RawMessage, once bool) {
	if err := json.Unmarshal(object, &all); err != nil {
		return nil, false
	}
	d, count := json.NewDecoder(bytes.NewReader(object)), 0
	_, _ = d.Token() // the brace, of what is valid
	for d.More() {
		var skipped json.RawMessage
		_, _ = d.Token()
		_ = d.Decode(&skipped)
		count++
	}
	return all, count == len(all)
}

// FuzzGraphQLAnswers gives any answer to a call. Compared with what encoding/json makes of it, no
// value and no error is lost, whatever the status is, and no secret shown.
func FuzzGraphQLAnswers(f *testing.F) {
	for i, body := range bodies {
		f.Add(uint16(200), []byte(body), "application/json", i%4 == 0, false)
		f.Add([]uint16{401, 400, 429, 503, 206, 302}[i%6], []byte(body), "text/html", false, i%5 == 0)
	}
	env, err := core.NewEnvironment("lab", "https://lab.example")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, status uint16, text []byte, contentType string, whole, broken bool) {
		server := answerer{status: 200 + int(status)%400, text: text, contentType: contentType, broken: broken}
		req := greet(env, core.KindQuery)
		name := req.Operation.Name
		if whole {
			req.Document, req.Args, name = "query greet { greet }", nil, ""
		}
		value := json.RawMessage("untouched")
		err := (&transport.HTTP{Client: &http.Client{Transport: server}}).Execute(t.Context(), req, &value)
		notShown(t, err)
		if broken {
			wantNoValue(t, server, value, err)
			return
		}
		want, ok := decide(server.status, text, name)
		if !ok {
			return
		}
		wantVerdict(t, want, err)
		switch {
		case want.value == nil && string(value) != "untouched" && string(value) != "null":
			t.Fatalf("the value is %s", value)
		case want.value != nil && !sameJSON(value, want.value):
			t.Fatalf("the value is %s, want %s: %v", value, want.value, err)
		}
	})
}

// wantVerdict checks the error for the parts of a response except its value.
func wantVerdict(t *testing.T, want verdict, err error) {
	t.Helper()
	if (err != nil) != want.fails {
		t.Fatalf("error %v, want one: %v", err, want.fails)
	}
	fault, ok := errors.AsType[*core.ResponseError](err)
	if want.fails && !ok {
		if _, ok := errors.AsType[*core.ConnectionError](err); !ok || want.partial {
			t.Fatalf("error %v (%T)", err, err)
		}
		return
	}
	if want.fails && (len(fault.Errors) != len(want.errors) || fault.Partial != want.partial || errors.Is(err, core.ErrUnauthorized) != want.rejected) {
		t.Fatalf("error %+v, want %+v", fault, want)
	}
}

// wantNoValue checks what comes of an answer that is not there in full.
func wantNoValue(t *testing.T, server answerer, value json.RawMessage, err error) {
	t.Helper()
	fault, isAnswer := errors.AsType[*core.ResponseError](err)
	_, isConnection := errors.AsType[*core.ConnectionError](err)
	if !isAnswer && !isConnection || string(value) != "untouched" {
		t.Fatalf("value %s, error %v (%T)", value, err, err)
	}
	if isAnswer && (fault.Status != server.status || errors.Is(err, core.ErrUnauthorized) != (server.status == http.StatusUnauthorized)) {
		t.Fatalf("error %+v of an answer with %d", fault, server.status)
	}
}

// notShown checks that an error does not hold the request's token, nor what moves the cursor of a
// terminal.
func notShown(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	shown := fmt.Sprintf("%v %+v", err, err)
	if fault, ok := errors.AsType[*core.ResponseError](err); ok {
		shown += fmt.Sprintf("%+v", *fault)
	}
	if strings.Contains(shown, canary) {
		t.Fatalf("the token is shown: %s", shown)
	}
}

// sameJSON reports whether two texts are the same value, numbers as they are written.
func sameJSON(a, b json.RawMessage) bool {
	return reflect.DeepEqual(decoded(a), decoded(b)) && json.Valid(a)
}

func decoded(text json.RawMessage) (value any) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return err
	}
	return value
}

// answerer is a server that gives one answer.
type answerer struct {
	status      int
	text        []byte
	contentType string
	broken      bool // the connection breaks behind the text
}

func (a answerer) RoundTrip(req *http.Request) (*http.Response, error) {
	_ = req.Body.Close()
	body := io.Reader(bytes.NewReader(a.text))
	if a.broken {
		body = io.MultiReader(body, iotest.ErrReader(io.ErrUnexpectedEOF))
	}
	header := http.Header{"Content-Type": {a.contentType}}
	return &http.Response{StatusCode: a.status, Header: header, Body: io.NopCloser(body), Request: req}, nil
}
