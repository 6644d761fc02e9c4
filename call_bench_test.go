package taegis_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/alerts"
)

// BenchmarkCall is one warm call with a small answer, as a program makes it, and what a program
// does that has the endpoint, the document and the answer's type and uses net/http.
func BenchmarkCall(b *testing.B) {
	const answer = `{"data":{"alertsServiceSearch":{"reason":"FEEDBACK_UPDATED","alerts":{"total_results":1,"list":[` +
		`{"id":"alert://priv:event-filter:1","status":"OPEN","tenant_id":"00000","metadata":{"title":"a title"}}]}}}}`
	var document []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		document, _ = io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, answer)
	}))
	b.Cleanup(server.Close)
	c, err := taegis.New(
		taegis.WithBaseURL(server.URL), taegis.WithTenant("00000"),
		taegis.WithConfigFile(filepath.Join(b.TempDir(), "config")),
		taegis.WithLookupEnv(func(string) (string, bool) { return "", false }),
		taegis.WithAuthenticators(&authn.StaticToken{Token: core.NewSecret("a-token-of-some-length")}),
	)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.Close() })
	query, limit := "FROM alert WHERE severity > 0.6", 1
	args := alerts.AlertsServiceSearchArgs{In: &alerts.SearchRequestInput{CQLQuery: &query, Limit: &limit}}
	call := func() error {
		page, err := alerts.New(c).AlertsServiceSearch(b.Context(), args)
		return seen(page, err)
	}
	if err := call(); err != nil { // the baseline needs the document
		b.Fatal(err)
	}
	b.Run("sdk", func(b *testing.B) { repeat(b, call) })
	b.Run("floor", func(b *testing.B) { repeat(b, byHand(b, server.URL, document)) })
}

// byHand returns the call as in a program that has what to send, which is document, and what
// comes back.
func byHand(b *testing.B, url string, document []byte) func() error {
	var asked struct {
		Query     string `json:"query"`
		Variables struct {
			In struct {
				Query string `json:"cql_query"`
				Limit int    `json:"limit"`
			} `json:"in"`
		} `json:"variables"`
	}
	if err := json.Unmarshal(document, &asked); err != nil {
		b.Fatal(err)
	}
	client := &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}
	b.Cleanup(client.CloseIdleConnections)
	return func() error {
		body, err := json.Marshal(asked)
		if err != nil {
			return err
		}
		post, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url+"/graphql", bytes.NewReader(body))
		if err != nil {
			return err
		}
		post.Header.Set("Content-Type", "application/json")
		post.Header.Set("Authorization", "Bearer a-token-of-some-length")
		post.Header.Set("X-Tenant-Context", "00000")
		resp, err := client.Do(post)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		var out struct {
			Data struct {
				Search *alerts.AlertsResponse `json:"alertsServiceSearch"`
			} `json:"data"`
		}
		err = json.NewDecoder(resp.Body).Decode(&out)
		return seen(out.Data.Search, err)
	}
}

// seen reports what is wrong with the page.
func seen(page *alerts.AlertsResponse, err error) error {
	if err != nil || page.Alerts.List[0].Metadata.Title != "a title" {
		return fmt.Errorf("%+v, %w", page, err)
	}
	return nil
}

// repeat counts from the second call on.
func repeat(b *testing.B, call func() error) {
	if err := call(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := call(); err != nil {
			b.Fatal(err)
		}
	}
}
