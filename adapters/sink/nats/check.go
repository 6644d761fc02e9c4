package nats

import (
	"crypto/tls"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cabundle"
	"github.com/taegis-go/taegis/internal/netaddr"
	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/internal/sinkfault"
)

// name returns the name of the sink in errors, without credentials.
func (s *Sink) name() string {
	var servers []string
	for server := range strings.SplitSeq(s.URL, ",") {
		servers = append(servers, redact.Address(strings.TrimSpace(server)))
	}
	return strings.TrimSpace("nats " + strings.Join(servers, ","))
}

// check returns an error for a configuration that cannot work.
func (s *Sink) check() error {
	fault := func(reason, hint string) error { return sinkfault.Setting(s.name(), reason, hint) }
	kinds := 0
	for _, isSet := range []bool{s.Credentials != "", s.User != "" || !s.Password.IsZero(), !s.Token.IsZero()} {
		if isSet {
			kinds++
		}
	}
	switch {
	case s.URL == "":
		return fault("there is no URL", "set URL to the address of a server, for example tls://nats.example:4222")
	case kinds > 1:
		return fault("there are several kinds of credentials", "set one of Credentials, User with Password, and Token")
	case s.User == "" && !s.Password.IsZero():
		return fault("there is a password without a user", "set User")
	case strings.ContainsFunc(s.Stream, func(c rune) bool { return c <= ' ' || c == 0x7f }):
		return fault("Stream is no name of a stream", "remove spaces and control characters")
	case s.MaxPending < 0 || s.Timeout < 0:
		return fault("MaxPending or Timeout is negative", "use 0 for the default")
	case s.CABundle != "" && s.TLS != nil:
		return fault("CABundle and TLS are both set", "set RootCAs of TLS instead of CABundle")
	}
	if hint := subjectFault(s.subject(&core.Record{})); hint != "" {
		return fault("no message can have the subject "+s.Subject, hint)
	}
	for server := range strings.SplitSeq(s.URL, ",") {
		if reason, hint := s.serverFault(strings.TrimSpace(server)); reason != "" {
			return fault(reason, hint)
		}
	}
	return s.configureTLS()
}

func (s *Sink) serverFault(server string) (reason, hint string) {
	address, err := url.Parse(server)
	switch {
	case err != nil || address.Host == "":
		return "URL is no address of a server", "write it as tls://HOST:PORT"
	case !slices.Contains([]string{"nats", "tls"}, address.Scheme):
		return "URL has another scheme than tls and nats", "write it as tls://HOST:PORT"
	case address.User != nil:
		return "URL has credentials", "set User and Password, or Token"
	case address.Scheme == "nats" && !s.PlainTCP && !s.isSecured() && !netaddr.IsLoopback(address.Hostname()):
		return "URL is not encrypted", "use tls://, or set PlainTCP if everything on the way is trusted"
	}
	return "", ""
}

// isSecured reports whether the configuration requires TLS with every server.
func (s *Sink) isSecured() bool { return s.CABundle != "" || s.TLS != nil }

// subjectFault returns what to do about a subject without placeholders, "" if it is valid.
func subjectFault(subject string) string {
	if unknown := regexp.MustCompile(`\{\w*\}`).FindString(subject); unknown != "" {
		return "use only {stream}, {environment} and {tenant} in it"
	}
	if strings.ContainsAny(subject, " \t\r\n*>") || slices.Contains(strings.Split(subject, "."), "") {
		return "use words with dots in between, without spaces and wildcards"
	}
	return ""
}

func (s *Sink) configureTLS() error {
	s.tls = nil
	switch {
	case s.TLS != nil:
		s.tls = s.TLS.Clone()
	case s.CABundle != "":
		roots, err := cabundle.Load(s.CABundle, nil)
		if file, ok := errors.AsType[*core.FileError](err); ok {
			fault := sinkfault.Setting(s.name(), file.Path+": "+file.Reason, file.HintText)
			fault.Err = err
			return fault
		}
		s.tls = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
	}
	return nil
}
