package taegis_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/alerts"
)

// Services whose answers have numbers for ID and String, or 3.0 for Int, lose nothing of them.
func TestServicesKeepNumbersInAnotherForm(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"data":{"alertsServiceSearch":{"search_id":12345678901234567890,"status":3,"reason":1.50,
			"alerts":{"total_results":3.0,"next_offset":1e2,"list":[{"id":7,"status":2}]}}}}`))
	}))
	t.Cleanup(server.Close)
	client, err := taegis.New(taegis.WithBaseURL(server.URL), taegis.WithTokenStore(new(tokenstore.Memory)))
	if err != nil {
		t.Fatal(err)
	}
	ctx := taegis.ContextWithAccessToken(t.Context(), core.NewSecret("token"))
	t.Cleanup(func() { _ = client.Close() })
	found, err := alerts.New(client).AlertsServiceSearch(ctx, alerts.AlertsServiceSearchArgs{In: new(alerts.SearchRequestInput)})
	if err != nil {
		t.Fatal(err)
	}
	if found.SearchID != "12345678901234567890" || found.Status != "3" || found.Reason != "1.50" || found.Alerts.TotalResults != 3 ||
		found.Alerts.NextOffset != 100 || found.Alerts.List[0].ID != "7" || found.Alerts.List[0].Status != "2" {
		t.Errorf("%+v, %+v", found, found.Alerts)
	}
}
