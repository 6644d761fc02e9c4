package cli_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/coder/websocket"
)

// socketServer serves subscriptions. It sends the messages after the start, or before the acknowledgement
// if early, and closes with the code.
func socketServer(t *testing.T, early bool, code websocket.StatusCode, messages ...string) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.CloseNow()
		send := func(text string) { _ = conn.Write(r.Context(), websocket.MessageText, []byte(text)) } // the client may have closed the connection
		_, _, _ = conn.Read(r.Context())
		if !early {
			send(`{"type":"connection_ack"}`)
			_, _, _ = conn.Read(r.Context())
		}
		for _, message := range messages {
			send(message)
		}
		_ = conn.Close(code, "")
	}))
	t.Cleanup(server.Close)
	t.Setenv("TAEGIS_API_URL", server.URL)
	t.Setenv("TAEGIS_ACCESS_TOKEN", "opaque")
}

func TestASubscriptionWhoseTokenIsRejected(t *testing.T) {
	const (
		denied   = `{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}`
		value    = `{"id":"1","type":"data","payload":{"data":{"a":1}}}`
		inBand   = `{"id":"1","type":"data","payload":{"data":null,"errors":[` + denied + `]}}`
		partial  = `{"id":"1","type":"data","payload":{"data":{"a":1},"errors":[{"message":"half"}]}}`
		complete = `{"id":"1","type":"complete"}`
	)
	for name, test := range map[string]struct {
		early    bool
		close    websocket.StatusCode
		messages []string
		code     int
		out      string
	}{
		"closed before the acknowledgement": {true, 4401, nil, 4, ""},
		"closed after the start":            {false, 4401, nil, 4, ""},
		"closed after a value":              {false, 4401, []string{value}, 4, `{"a":1}` + "\n"},
		"connection_error":                  {true, 1000, []string{`{"type":"connection_error","payload":` + denied + `}`}, 4, ""},
		"connection_error, a text":          {true, 1000, []string{`{"type":"connection_error","payload":"Unauthorized"}`}, 4, ""},
		"error":                             {false, 1000, []string{`{"id":"1","type":"error","payload":[` + denied + `]}`}, 4, ""},
		"in band":                           {false, 1000, []string{inBand, complete}, 4, ""},
		"in band after a value":             {false, 1000, []string{value, inBand, complete}, 4, `{"a":1}` + "\n"},
		"in band before another error":      {false, 1000, []string{value, inBand, partial, complete}, 4, `{"a":1}` + "\n" + `{"a":1}` + "\n"},
		"forbidden":                         {true, 4403, nil, 1, ""},
		"another error":                     {false, 1000, []string{partial, complete}, 1, `{"a":1}` + "\n"},
		"no error":                          {false, 1000, []string{value, complete}, 0, `{"a":1}` + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			loggedInServer(t)
			socketServer(t, test.early, test.close, test.messages...)
			run := invoke(t, "", "api", "subscription { a }")
			if run.code != test.code || run.out != test.out || (run.stderr == "") != (test.code == 0) {
				t.Errorf("exit code %d, want %d; stdout %q, stderr %q", run.code, test.code, run.out, run.stderr)
			}
		})
	}
}
