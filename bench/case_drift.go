package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/alerts"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// drift counts requests to a server that has another version of the schema than the SDK: those of the
// first call, which is adapted, and those of the next call.
func drift(b *bench) error {
	for _, way := range []struct {
		title string
		vague bool
		extra int
	}{
		{"drift, the server names the fault", false, 1},
		{"drift, the server does not name the fault", true, 2},
	} {
		first, later, adapted, err := b.driftAll(way.vague)
		if err != nil {
			return err
		}
		count := func(title, reach string, requests, most int) row {
			return row{
				title: title, reach: reach, met: adapted > 0 && requests <= most,
				reached: fmt.Sprintf("%d, the most of %d drifted schemas that could be adapted to", requests, adapted),
			}
		}
		b.add(
			count(way.title+", additional requests of the first call", fmt.Sprint("at most ", way.extra), first, way.extra),
			count("those of the next call", "none", later, 0),
		)
	}
	return nil
}

// driftAll calls servers with different schemas twice. It returns the maximum of the additional
// requests of the first and the second call, and the number of servers that required any.
func (b *bench) driftAll(vague bool) (first, later, adapted int, err error) {
	for seed := range uint64(b.scale(20, 5)) {
		counts, err := b.driftOnce(seed+1, vague)
		_, gone := errors.AsType[*core.SchemaError](err)
		if _, rejected := errors.AsType[*core.ResponseError](err); gone || rejected {
			continue // the server lacks the result, or the operation cannot be adapted
		}
		if err != nil {
			return 0, 0, 0, err
		}
		first, later = max(first, counts[0]-1), max(later, counts[1]-1)
		if counts[0] > 1 {
			adapted++
		}
	}
	return first, later, adapted, nil
}

// driftOnce makes two calls to a server with a drifted schema, and counts the requests of each.
func (b *bench) driftOnce(seed uint64, vague bool) (counts [2]int, err error) {
	e := emulator.New(emulator.Config{Drift: emulator.Drift{Seed: seed}})
	defer e.Close()
	requests := 0
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		if vague {
			w = &mumbling{ResponseWriter: w}
		}
		e.ServeHTTP(w, r)
	}))
	defer host.Close()
	cache, err := os.MkdirTemp(b.dir, "drift-")
	if err != nil {
		return counts, err
	}
	defer restore("XDG_CACHE_HOME", cache)()
	token := core.NewSecret(e.Token(emulator.DemoClientID))
	client, err := taegis.New(taegis.WithBaseURL(host.URL), taegis.WithConfigFile(b.tokenFile()),
		taegis.WithAuthenticators(&authn.StaticToken{Token: token}), taegis.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		return counts, err
	}
	defer client.Close()
	for i := range counts {
		before := requests
		if _, err := alerts.New(client).AlertsServiceSearch(b.ctx, search(0, 1)); err != nil {
			return counts, err
		}
		counts[i] = requests - before
	}
	return counts, nil
}

// mumbling replaces the messages of validation errors, so that they do not name the fault.
type mumbling struct {
	http.ResponseWriter
	rejects bool
}

func (m *mumbling) WriteHeader(status int) {
	if m.rejects = status == http.StatusUnprocessableEntity; m.rejects {
		m.Header().Del("Content-Length")
	}
	m.ResponseWriter.WriteHeader(status)
}

func (m *mumbling) Write(text []byte) (int, error) {
	if !m.rejects {
		return m.ResponseWriter.Write(text)
	}
	_, err := io.Copy(m.ResponseWriter, strings.NewReader(`{"errors":[{"message":"the document is not valid","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}],"data":null}`))
	return len(text), err
}

// restore sets an environment variable and returns a function that resets it.
func restore(name, value string) func() {
	old, set := os.LookupEnv(name)
	_ = os.Setenv(name, value) // the name is valid
	return func() {
		if _ = os.Setenv(name, old); !set {
			_ = os.Unsetenv(name)
		}
	}
}
