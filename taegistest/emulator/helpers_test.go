package emulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/taegis-go/taegis/taegistest/emulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start serves an emulator for the length of the test.
func start(t *testing.T, config emulator.Config) *emulator.Server {
	t.Helper()
	s, err := emulator.Start("127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return s
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	text   string
	json   map[string]any // nil if the body is not a JSON object
}

func (a answer) string(name string) string {
	s, _ := a.json[name].(string)
	return s
}

func do(t *testing.T, r *http.Request) answer {
	t.Helper()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: res.StatusCode, header: res.Header, text: string(body)}
	_ = json.Unmarshal(body, &a.json) // stays nil for other bodies
	return a
}

func request(t *testing.T, method, url, media, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	return r
}

// postJSON posts a JSON object.
func postJSON(t *testing.T, url string, members any) answer {
	t.Helper()
	body, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return do(t, request(t, http.MethodPost, url, "application/json", string(body)))
}

// logIn logs in a client as the SDK does.
func logIn(t *testing.T, s *emulator.Server, id, secret string) answer {
	t.Helper()
	r := request(t, http.MethodPost, s.URL+"/auth/api/v2/auth/token", "application/x-www-form-urlencoded", "grant_type=client_credentials")
	r.SetBasicAuth(id, secret)
	return do(t, r)
}

func token(t *testing.T, s *emulator.Server) string {
	t.Helper()
	a := logIn(t, s, emulator.DemoClientID, emulator.DemoClientSecret)
	if a.status != http.StatusOK {
		t.Fatalf("login: %d %s", a.status, a.text)
	}
	return a.string("access_token")
}

// clock is a time that the test moves.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }
