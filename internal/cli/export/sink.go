package export

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/adapters/sink/file"
	"github.com/taegis-go/taegis/adapters/sink/http"
	"github.com/taegis-go/taegis/adapters/sink/otlp"
	"github.com/taegis-go/taegis/adapters/sink/splunk"
	"github.com/taegis-go/taegis/adapters/sink/stdout"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/envvar"
	"github.com/taegis-go/taegis/ports"
)

// sinkConfig is the sink of the configuration: one of its tables.
type sinkConfig struct {
	File   *fileConfig   `toml:"file"`
	Stdout *stdoutConfig `toml:"stdout"`
	HTTP   *httpConfig   `toml:"http"`
	Splunk *splunkConfig `toml:"splunk"`
	OTLP   *otlpConfig   `toml:"otlp"`
	Syslog *syslogConfig `toml:"syslog"`
	NATS   *natsConfig   `toml:"nats"`
}

// kinds names the tables of sinkConfig.
const kinds = "[sink.file], [sink.stdout], [sink.http], [sink.splunk], [sink.otlp], [sink.syslog] and [sink.nats]"

type stdoutConfig struct {
	Envelope bool `toml:"envelope"`
}

type fileConfig struct {
	Path     string   `toml:"path"`
	MaxSize  size     `toml:"max-size"`
	Rotate   duration `toml:"rotate"`
	Compress string   `toml:"compress"`
	Keep     int      `toml:"keep"`
	Envelope bool     `toml:"envelope"`
}

// requestConfig is what the sinks have in common that send requests.
type requestConfig struct {
	URL        string   `toml:"url"`
	PlainHTTP  bool     `toml:"plain-http"`
	Gzip       bool     `toml:"gzip"`
	MaxRecords int      `toml:"max-records"`
	MaxBytes   size     `toml:"max-bytes"`
	Timeout    duration `toml:"timeout"`
	CABundle   string   `toml:"ca-bundle"`
}

type httpConfig struct {
	requestConfig
	Headers     map[string]secret `toml:"headers"`
	ContentType string            `toml:"content-type"`
	Envelope    bool              `toml:"envelope"`
}

type splunkConfig struct {
	requestConfig
	Token       secret   `toml:"token"`
	Index       string   `toml:"index"`
	Source      string   `toml:"source"`
	SourceType  string   `toml:"source-type"`
	Host        string   `toml:"host"`
	Envelope    bool     `toml:"envelope"`
	Acknowledge bool     `toml:"acknowledge"`
	AckTimeout  duration `toml:"ack-timeout"`
}

type otlpConfig struct {
	requestConfig
	Headers  map[string]secret `toml:"headers"`
	Resource map[string]string `toml:"resource"`
}

// parseSink reads the value of --sink.
func parseSink(text string) (sinkConfig, error) {
	kind, path, _ := strings.Cut(text, ":")
	switch {
	case text == "stdout":
		return sinkConfig{Stdout: &stdoutConfig{}}, nil
	case kind == "file" && path != "":
		return sinkConfig{File: &fileConfig{Path: path}}, nil
	case text == "":
		return sinkConfig{}, errors.New("--sink is missing: use file:PATH or stdout, or --config for other sinks")
	}
	return sinkConfig{}, fmt.Errorf("--sink %q: use file:PATH or stdout, or --config for other sinks", text)
}

// builder builds a sink from its table of the configuration.
type builder struct {
	*config
	app     *cmdutil.App
	secrets bool // read the secrets too
}

// build returns the sink. Its errors are mistakes in the configuration. Secrets are read only if the
// sink is used.
func (c *config) build(a *cmdutil.App, secrets bool) (ports.Sink, error) {
	b := &builder{config: c, app: a, secrets: secrets}
	var found []func() (ports.Sink, error)
	for _, kind := range []struct {
		set   bool
		build func() (ports.Sink, error)
	}{
		{c.Sink.File != nil, b.file},
		{c.Sink.Stdout != nil, b.stdout},
		{c.Sink.HTTP != nil, b.http},
		{c.Sink.Splunk != nil, b.splunk},
		{c.Sink.OTLP != nil, b.otlp},
		{c.Sink.Syslog != nil, b.syslog},
		{c.Sink.NATS != nil, b.nats},
	} {
		if kind.set {
			found = append(found, kind.build)
		}
	}
	if len(found) != 1 {
		return nil, c.fault("sink", fmt.Sprintf("there are %d", len(found)), "use exactly one of "+kinds)
	}
	return found[0]()
}

func (b *builder) stdout() (ports.Sink, error) {
	return &stdout.Sink{Writer: b.app.Data(), Envelope: b.Sink.Stdout.Envelope}, nil
}

func (b *builder) file() (ports.Sink, error) {
	s := b.Sink.File
	path, err := b.pathOf("sink.file.path", s.Path)
	if err != nil {
		return nil, err
	}
	if path == "" {
		return nil, b.fault("sink.file.path", "it is missing", "name the file")
	}
	compressions := []file.Compression{file.Uncompressed, file.Gzip, file.Zstd}
	if !slices.Contains(compressions, file.Compression(s.Compress)) {
		return nil, b.fault("sink.file.compress", fmt.Sprintf("%q is unknown", s.Compress), "use gzip or zstd")
	}
	return &file.Sink{
		Path: path, MaxBytes: int64(s.MaxSize), Interval: timeOf(s.Rotate), Compression: file.Compression(s.Compress),
		Keep: s.Keep, Envelope: s.Envelope, Logger: b.app.Logger(),
	}, nil
}

// check looks for what all sinks need that send requests.
func (b *builder) check(table string, r *requestConfig) (bundle string, err error) {
	if r.URL == "" {
		return "", b.fault(table+".url", "it is missing", "name the address of the collector")
	}
	if r.MaxRecords < 0 {
		return "", b.fault(table+".max-records", "it is negative", "use a number from 1")
	}
	return b.pathOf(table+".ca-bundle", r.CABundle)
}

func (b *builder) pathOf(key, value string) (string, error) {
	path, err := envvar.Path(key, value)
	if err != nil {
		return "", b.wrapped(key, err)
	}
	return path, nil
}

func (b *builder) http() (ports.Sink, error) {
	s := b.Sink.HTTP
	bundle, err := b.check("sink.http", &s.requestConfig)
	if err != nil {
		return nil, err
	}
	headers, err := b.headers("sink.http.headers", s.Headers)
	return &http.Sink{
		URL: s.URL, PlainHTTP: s.PlainHTTP, HeaderFunc: headers, ContentType: s.ContentType, Gzip: s.Gzip, Envelope: s.Envelope,
		MaxRecords: s.MaxRecords, MaxBytes: int(s.MaxBytes), Timeout: timeOf(s.Timeout), CABundle: bundle,
	}, err
}

func (b *builder) splunk() (ports.Sink, error) {
	s := b.Sink.Splunk
	bundle, err := b.check("sink.splunk", &s.requestConfig)
	if err != nil {
		return nil, err
	}
	token, err := b.secret("sink.splunk.token", &s.Token)
	return &splunk.Sink{
		URL: s.URL, PlainHTTP: s.PlainHTTP, Token: token, Index: s.Index, Source: s.Source, SourceType: s.SourceType,
		Host: s.Host, Envelope: s.Envelope, Acknowledge: s.Acknowledge, AckTimeout: timeOf(s.AckTimeout), Gzip: s.Gzip,
		MaxRecords: s.MaxRecords, MaxBytes: int(s.MaxBytes), Timeout: timeOf(s.Timeout), CABundle: bundle,
	}, err
}

func (b *builder) otlp() (ports.Sink, error) {
	s := b.Sink.OTLP
	bundle, err := b.check("sink.otlp", &s.requestConfig)
	if err != nil {
		return nil, err
	}
	headers, err := b.headers("sink.otlp.headers", s.Headers)
	return &otlp.Sink{
		URL: s.URL, PlainHTTP: s.PlainHTTP, HeaderFunc: headers, Resource: s.Resource, Gzip: s.Gzip,
		MaxRecords: s.MaxRecords, MaxBytes: int(s.MaxBytes), Timeout: timeOf(s.Timeout), CABundle: bundle,
	}, err
}
