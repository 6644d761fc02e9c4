package main

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/bench/baseline"
	"github.com/taegis-go/taegis/bench/server"
	"github.com/taegis-go/taegis/services/alerts"
)

func TestMain(m *testing.M) {
	if role := roles[os.Getenv(roleVariable)]; role != nil {
		_ = role() // the test notices its end
		return
	}
	os.Exit(m.Run())
}

// The baseline and the SDK send the same requests, so that only their own work differs.
func TestTheBaselineSendsTheSame(t *testing.T) {
	type sent struct {
		header http.Header
		body   string
	}
	var requests []sent
	around := server.New()
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		requests = append(requests, sent{maps.Clone(r.Header), string(body)})
		around.ServeHTTP(w, r)
	}))
	defer host.Close()
	b := &bench{ctx: t.Context(), dir: t.TempDir(), server: host.URL, token: server.Token()}
	if err := b.storeToken(); err != nil {
		t.Fatal(err)
	}
	client, err := b.client(b.page(3))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ours, err := alerts.New(client).AlertsServiceSearch(taegis.ContextWithSelection(t.Context(), baseline.Selection), search(0, 3))
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := b.baseline(b.page(3)).Search(t.Context(), 0, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"User-Agent", "Apollographql-Client-Version"} {
		own := requests[0].header
		own.Set(name, strings.Replace(own.Get(name), taegis.Version, "dev", 1))
	}
	if len(requests) != 2 || requests[0].body != requests[1].body || !maps.EqualFunc(requests[0].header, requests[1].header, equal) {
		t.Errorf("the requests differ:\n%+v", requests)
	}
	for i, a := range theirs.Alerts.List {
		if o := ours.Alerts.List[i]; a.ID == "" || o.ID != a.ID || o.SourceEntities[0].Properties.EntityHost.Hostname != a.SourceEntities[0].Properties.Hostname {
			t.Errorf("alert %d: %+v, the baseline has %+v", i, o, a)
		}
	}
}

func equal(a, b []string) bool { return len(a) == len(b) && a[0] == b[0] }

// The cases run. Their results on a busy machine are not checked.
func TestCases(t *testing.T) {
	b, err := newBench(t.Context(), true, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	chosen, err := choose("warm,file,decode,paging")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.run(chosen); err != nil {
		t.Fatal(err)
	}
	if len(b.rows) == 0 || len(b.charts) == 0 {
		t.Error("no figures")
	}
	t.Log(b.figures())
}
