package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os/exec"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"

	"github.com/taegis-go/taegis/bench/bare"
	"github.com/taegis-go/taegis/plugins"
)

// openBare returns how to open a plugin with go-plugin alone and the settings that the SDK uses.
func (b *bench) openBare() (opening, error) {
	path, err := b.build("programs/bare")
	if err != nil {
		return nil, err
	}
	pin, err := plugins.Checksum(path)
	if err != nil {
		return nil, err
	}
	sum, err := hex.DecodeString(pin)
	if err != nil {
		return nil, err
	}
	return func() (login, func(), error) {
		client := goplugin.NewClient(&goplugin.ClientConfig{
			HandshakeConfig:  bare.Handshake,
			Plugins:          bare.Plugins,
			Cmd:              exec.Command(path),
			SecureConfig:     &goplugin.SecureConfig{Checksum: sum, Hash: sha256.New()},
			AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
			AutoMTLS:         true,
			SkipHostEnv:      true,
			StartTimeout:     time.Minute,
			Logger:           hclog.NewNullLogger(),
			Stderr:           new(bytes.Buffer),
		})
		protocol, err := client.Client()
		if err != nil {
			client.Kill()
			return nil, nil, err
		}
		dispensed, err := protocol.Dispense("bare")
		if err != nil {
			client.Kill()
			return nil, nil, err
		}
		call := dispensed.(bare.Call)
		return func(ctx context.Context) error {
			token, err := call(ctx)
			if err == nil && token == "" {
				err = errNoToken
			}
			return err
		}, client.Kill, nil
	}, nil
}
