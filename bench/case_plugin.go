package main

import (
	"context"
	"errors"
	"runtime"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/plugins"
)

// plugin measures the start of a plugin up to its first response, and a login of a running plugin.
func plugin(b *bench) error {
	ours, err := b.openPlugin()
	if err != nil {
		return err
	}
	theirs, err := b.openBare()
	if err != nil {
		return err
	}
	r, err := rounds(b.scale(21, 3), b.starting("taegis", ours), b.starting("go-plugin", theirs))
	if err != nil {
		return err
	}
	line := atMost(1.25, "go-plugin's own")
	b.add(line.row("plugin, start to first answer", r, seconds, duration))

	one, done, err := ours()
	if err != nil {
		return err
	}
	defer done()
	other, done, err := theirs()
	if err != nil {
		return err
	}
	defer done()
	n := b.scale(500, 50)
	r, err = rounds(b.scale(11, 3),
		turn("taegis", times(n, func() error { return one(b.ctx) })),
		turn("go-plugin", times(n, func() error { return other(b.ctx) })))
	if err != nil {
		return err
	}
	warm := line.row("plugin, warm call", r, seconds, per(n))
	warm.note = "what the SDK itself does with a request and a token, see below"
	b.add(warm)
	return nil
}

// login is one login.
type login func(context.Context) error

// opening opens a plugin; done closes it.
type opening func() (call login, done func(), err error)

// starting returns a candidate that measures a start up to the first response, without the stop.
func (b *bench) starting(name string, open opening) candidate {
	return candidate{name, func() (s sample, err error) {
		runtime.GC()
		start := time.Now()
		call, done, err := open()
		if err != nil {
			return s, err
		}
		defer done()
		err = call(b.ctx)
		s.time = time.Since(start)
		return s, err
	}}
}

var errNoToken = errors.New("the plugin returned no token")

// openPlugin returns a function that opens a plugin of the SDK with a checksum and mutual TLS.
func (b *bench) openPlugin() (opening, error) {
	path, err := b.build("programs/plugin")
	if err != nil {
		return nil, err
	}
	pin, err := plugins.Checksum(path)
	if err != nil {
		return nil, err
	}
	environment, err := core.FindEnvironment("charlie")
	if err != nil {
		return nil, err
	}
	request := core.LoginRequest{Environment: environment, Lookup: func(string) (core.Setting, bool) { return core.Setting{}, false }}
	return func() (login, func(), error) {
		p, err := plugins.New(plugins.Config{Name: "bench", Path: path, SHA256: []string{pin}})
		if err != nil {
			return nil, nil, err
		}
		return func(ctx context.Context) error {
			token, err := p.Authenticate(ctx, request)
			if err == nil && token.IsZero() {
				err = errNoToken
			}
			return err
		}, func() { _ = p.Close() }, nil
	}, nil
}
