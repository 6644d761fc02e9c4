// Package natsconfig is what adapters for NATS have in common: the settings of a connection with their
// checks, and the errors of a connection in words that help.
package natsconfig

import (
	"crypto/tls"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cabundle"
	"github.com/taegis-go/taegis/internal/natswire"
	"github.com/taegis-go/taegis/internal/netaddr"
	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/internal/sinkfault"
)

// Config has the settings of a connection, as the adapters have them in their fields.
type Config struct {
	URL               string // of one or more servers, with commas in between
	PlainTCP          bool
	Credentials, User string
	Password, Token   core.Secret
	CABundle          string
	TLS               *tls.Config // of the caller, in place of CABundle
}

// Servers returns the addresses.
func (c *Config) Servers() []string {
	var servers []string
	for server := range strings.SplitSeq(c.URL, ",") {
		servers = append(servers, strings.TrimSpace(server))
	}
	return servers
}

// Name returns the name of the adapter in errors, without credentials.
func (c *Config) Name() string {
	servers := c.Servers()
	for i, server := range servers {
		servers[i] = redact.Address(server)
	}
	return strings.TrimSpace("nats " + strings.Join(servers, ","))
}

// Check returns a permanent [*core.SinkError] for settings that cannot work.
func (c *Config) Check() error {
	fault := func(reason, hint string) error { return sinkfault.Setting(c.Name(), reason, hint) }
	kinds := 0
	for _, isSet := range []bool{c.Credentials != "", c.User != "" || !c.Password.IsZero(), !c.Token.IsZero()} {
		if isSet {
			kinds++
		}
	}
	switch {
	case c.URL == "":
		return fault("there is no URL", "set URL to the address of a server, for example tls://nats.example:4222")
	case kinds > 1:
		return fault("there are several kinds of credentials", "set one of Credentials, User with Password, and Token")
	case c.User == "" && !c.Password.IsZero():
		return fault("there is a password without a user", "set User")
	case c.CABundle != "" && c.TLS != nil:
		return fault("CABundle and TLS are both set", "set RootCAs of TLS instead of CABundle")
	}
	for _, server := range c.Servers() {
		if reason, hint := c.serverFault(server); reason != "" {
			return fault(reason, hint)
		}
	}
	return nil
}

func (c *Config) serverFault(server string) (reason, hint string) {
	address, err := url.Parse(server)
	switch {
	case err != nil || address.Host == "":
		return "URL is no address of a server", "write it as tls://HOST:PORT"
	case !slices.Contains([]string{"nats", "tls"}, address.Scheme):
		return "URL has another scheme than tls and nats", "write it as tls://HOST:PORT"
	case address.User != nil:
		return "URL has credentials", "set User and Password, or Token"
	case address.Scheme == "nats" && !c.PlainTCP && c.CABundle == "" && c.TLS == nil && !netaddr.IsLoopback(address.Hostname()):
		return "URL is not encrypted", "use tls://, or set PlainTCP if everything on the way is trusted"
	}
	return "", ""
}

// Wire returns the configuration of a connection with a name and a time limit. Its error is that of a
// CA bundle which cannot be used.
func (c *Config) Wire(name string, timeout time.Duration) (natswire.Config, error) {
	wire := natswire.Config{
		Servers: c.Servers(), Name: name, Timeout: timeout,
		User: c.User, Password: c.Password.Reveal(), Token: c.Token.Reveal(), Credentials: c.Credentials,
	}
	switch {
	case c.TLS != nil:
		wire.TLS = c.TLS.Clone()
	case c.CABundle != "":
		roots, err := cabundle.Load(c.CABundle, nil)
		if file, ok := errors.AsType[*core.FileError](err); ok {
			fault := sinkfault.Setting(c.Name(), file.Path+": "+file.Reason, file.HintText)
			fault.Err = err
			return wire, fault
		}
		wire.TLS = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
	}
	return wire, nil
}
