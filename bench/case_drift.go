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

// healing counts requests where the server's schema is another version than the SDK's: those of the
// first call, whose document has to be repaired, and those of the calls after it.
func healing(b *bench) error {
	for _, way := range []struct {
		title string
		vague bool
		extra int
	}{
		{"healing, the server says what is wrong", false, 1},
		{"healing, the server says that something is wrong", true, 2},
	} {
		first, later, healed, err := b.drift(way.vague)
		if err != nil {
			return err
		}
		count := func(title, reach string, requests, most int) row {
			return row{
				title: title, reach: reach, met: healed > 0 && requests <= most,
				reached: fmt.Sprintf("%d, the most of %d drifted schemas that could be repaired", requests, healed),
			}
		}
		b.add(
			count(way.title+", further requests of the first call", fmt.Sprint("at most ", way.extra), first, way.extra),
			count("those of the next call", "none", later, 0),
		)
	}
	return nil
}

// drift calls servers of different schemas twice. It returns by how many requests the calls took more
// than one, at most, and with how many servers they had to.
func (b *bench) drift(vague bool) (first, later, healed int, err error) {
	for seed := range uint64(b.scale(20, 5)) {
		counts, err := b.driftOnce(seed+1, vague)
		_, gone := errors.AsType[*core.SchemaError](err)
		if _, refused := errors.AsType[*core.ResponseError](err); gone || refused {
			continue // what was asked for is not there, or nothing tells what is wrong
		}
		if err != nil {
			return 0, 0, 0, err
		}
		first, later = max(first, counts[0]-1), max(later, counts[1]-1)
		if counts[0] > 1 {
			healed++
		}
	}
	return first, later, healed, nil
}

// driftOnce makes two calls to a server whose schema has drifted, and counts the requests of each.
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
	cache, err := os.MkdirTemp(b.dir, "repairs-")
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

// mumbling takes from a refusal what would say where the fault is.
type mumbling struct {
	http.ResponseWriter
	refuses bool
}

func (m *mumbling) WriteHeader(status int) {
	if m.refuses = status == http.StatusUnprocessableEntity; m.refuses {
		m.Header().Del("Content-Length")
	}
	m.ResponseWriter.WriteHeader(status)
}

func (m *mumbling) Write(text []byte) (int, error) {
	if !m.refuses {
		return m.ResponseWriter.Write(text)
	}
	_, err := io.Copy(m.ResponseWriter, strings.NewReader(`{"errors":[{"message":"the document is not valid","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}],"data":null}`))
	return len(text), err
}

// restore sets a variable of this process and returns what puts back what it was.
func restore(name, value string) func() {
	old, set := os.LookupEnv(name)
	_ = os.Setenv(name, value) // the name is good
	return func() {
		if _ = os.Setenv(name, old); !set {
			_ = os.Unsetenv(name)
		}
	}
}
