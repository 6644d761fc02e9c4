package export

import (
	"errors"
	"fmt"
	"strings"

	"github.com/taegis-go/taegis/adapters/sink/file"
	"github.com/taegis-go/taegis/adapters/sink/stdout"
	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/envvar"
	"github.com/taegis-go/taegis/ports"
)

// sinkConfig is the sink of the configuration: one of its tables.
type sinkConfig struct {
	File   *fileConfig   `toml:"file"`
	Stdout *stdoutConfig `toml:"stdout"`
}

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

// build returns the sink. Its errors are mistakes in the configuration.
func (c *config) build(a *cmdutil.App) (ports.Sink, error) {
	var sinks []ports.Sink
	if s := c.Sink.Stdout; s != nil {
		sinks = append(sinks, &stdout.Sink{Writer: a.Data(), Envelope: s.Envelope})
	}
	if s := c.Sink.File; s != nil {
		path, err := envvar.Path("sink.file.path", s.Path)
		if err == nil && path == "" {
			err = errors.New("it is missing")
		}
		if err != nil {
			return nil, c.wrapped("sink.file.path", err)
		}
		if !strings.Contains(" gzip zstd", " "+s.Compress) {
			return nil, c.fault("sink.file.compress", fmt.Sprintf("%q is unknown", s.Compress), "use gzip or zstd")
		}
		sinks = append(sinks, &file.Sink{
			Path: path, MaxBytes: int64(s.MaxSize), Interval: timeOf(s.Rotate), Compression: file.Compression(s.Compress),
			Keep: s.Keep, Envelope: s.Envelope, Logger: a.Logger(),
		})
	}
	if len(sinks) == 1 {
		return sinks[0], nil
	}
	return nil, c.fault("sink", fmt.Sprintf("there are %d", len(sinks)), "use exactly one of [sink.file] and [sink.stdout]")
}
