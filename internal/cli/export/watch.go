package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/export"
	"github.com/taegis-go/taegis/internal/atomicfile"
	"github.com/taegis-go/taegis/internal/envvar"
	"github.com/taegis-go/taegis/internal/netaddr"
	"github.com/taegis-go/taegis/internal/pause"
)

// healthEvery is the time between two writes of the health file.
const healthEvery = 10 * time.Second

// watch serves metrics and keeps the health file up to date until stop is called. It returns the URL
// of the metrics, "" for none.
func watch(ctx context.Context, m *export.Metrics, listen, health string) (url string, stop func(), err error) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var all sync.WaitGroup
	stop = func() { cancel(); all.Wait() }
	if health != "" {
		if err := keepHealth(ctx, &all, m, health); err != nil {
			stop()
			return "", nil, err
		}
	}
	if listen == "" {
		return "", stop, nil
	}
	if url, err = serveMetrics(ctx, &all, m, listen); err != nil {
		stop()
		return "", nil, err
	}
	return url, stop, nil
}

// keepHealth writes the health file now, and again and again.
func keepHealth(ctx context.Context, all *sync.WaitGroup, m *export.Metrics, path string) error {
	path, err := envvar.Path("--health", path)
	if err != nil {
		return err
	}
	write := func() error {
		text, err := json.Marshal(m.Health())
		if err != nil {
			return err
		}
		old, err := os.Stat(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return atomicfile.File(afero.NewOsFs(), path, append(text, '\n'), old)
	}
	if err := write(); err != nil {
		return &core.FileError{Path: path, Reason: "the health file cannot be written: " + err.Error(), HintText: "name a file in a folder that exists", Err: err}
	}
	all.Go(func() {
		for pause.For(ctx, healthEvery) == nil {
			_ = write() // the next one may succeed, and a file that gets old says it
		}
		_ = write()
	})
	return nil
}

// serveMetrics serves on a loopback address.
func serveMetrics(ctx context.Context, all *sync.WaitGroup, m *export.Metrics, listen string) (string, error) {
	host, _, err := net.SplitHostPort(listen)
	if err != nil || !netaddr.IsLoopback(host) {
		return "", &core.SettingError{Setting: "--metrics", Reason: fmt.Sprintf("%q is not an address of loopback", listen), HintText: "use for example 127.0.0.1:9464"}
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", listen)
	if err != nil {
		return "", err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/openmetrics-text; version=1.0.0; charset=utf-8")
		_ = m.WriteOpenMetrics(w)
	})
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		h := m.Health()
		w.Header().Set("Content-Type", "application/json")
		if !h.OK {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(h)
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	all.Go(func() { _ = server.Serve(listener) })
	all.Go(func() { <-ctx.Done(); _ = server.Close() })
	return "http://" + listener.Addr().String() + "/metrics", nil
}
