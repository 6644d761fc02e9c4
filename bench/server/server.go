// Package server is the server of the benchmarks. It sends recorded responses from memory with as
// little work as possible, so that the benchmarks measure the client. The first element of the path
// selects the response, so a candidate selects it with its base URL.
package server

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"
)

// Run serves on loopback until stdin ends. It prints the base URL first.
func Run() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + listener.Addr().String())
	failed := make(chan error, 1)
	go func() { failed <- (&http.Server{Handler: New(), ReadHeaderTimeout: time.Minute}).Serve(listener) }()
	go func() {
		_, err := io.Copy(io.Discard, os.Stdin)
		failed <- err
	}()
	return <-failed
}

// New returns the handler of all responses:
//
//	/page/N/graphql     a page of N alerts with the fields of baseline.Selection
//	/parts/N/M/T/graphql a search for N alerts in parts of M, each after T ms
//	/limited/RUN/R/T/N/graphql a page of N alerts after T ms, at most R requests a second for each RUN
//	/events/N/M/...     a subscription with N messages of M events
//	/.../auth/...       a token, after 200 ms
//	/logins             the number of issued tokens
func New() http.Handler {
	var logins atomic.Int64
	pages := &pages{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /page/{n}/graphql", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		answer(w, pages.of(number(r, "n")))
	})
	limited := &buckets{}
	mux.HandleFunc("POST /limited/{run}/{rate}/{ms}/{n}/graphql", func(w http.ResponseWriter, r *http.Request) {
		limited.serve(w, r, pages.of(number(r, "n")))
	})
	mux.HandleFunc("POST /parts/{n}/{size}/{ms}/graphql", new(parts).serve)
	mux.HandleFunc("GET /events/{n}/{rows}/{gateway...}", func(w http.ResponseWriter, r *http.Request) {
		_ = stream(w, r, number(r, "n"), number(r, "rows")) // the client sees it
	})
	mux.HandleFunc("POST /page/{n}/auth/api/v2/auth/token", func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(loginTime)
		logins.Add(1)
		answer(w, []byte(`{"token_type":"bearer","expires_in":36000,"access_token":"`+Token()+`"}`))
	})
	mux.HandleFunc("GET /logins", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, strconv.AppendInt(nil, logins.Load(), 10))
	})
	return mux
}

// loginTime is the time that the authentication host takes to issue a token.
const loginTime = 200 * time.Millisecond

func answer(w http.ResponseWriter, text []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.Header().Set("X-Request-Id", "1-5759e988-bd862e3fe1be46a994272793")
	_, _ = w.Write(text) // the client sees it
}

func number(r *http.Request, name string) int {
	n, _ := strconv.Atoi(r.PathValue(name)) // anything but a number selects no alerts
	return n
}
