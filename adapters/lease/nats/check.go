package nats

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/taegis-go/taegis/internal/netaddr"
	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/internal/sinkfault"
)

// shortestLease is the shortest time of a lease.
const shortestLease = time.Second

// name returns the name of the store in errors, without credentials.
func (s *Store) name() string {
	var servers []string
	for server := range strings.SplitSeq(s.URL, ",") {
		servers = append(servers, redact.Address(strings.TrimSpace(server)))
	}
	return strings.TrimSpace("nats " + strings.Join(servers, ","))
}

// Check returns a [*core.SinkError] for a configuration that cannot work. It does not connect.
func (s *Store) Check() error {
	fault := func(reason, hint string) error { return sinkfault.Setting(s.name(), reason, hint) }
	word := regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	kinds := 0
	for _, isSet := range []bool{s.Credentials != "", s.User != "" || !s.Password.IsZero(), !s.Token.IsZero()} {
		if isSet {
			kinds++
		}
	}
	switch {
	case s.URL == "":
		return fault("there is no URL", "set URL to the address of a server, for example tls://nats.example:4222")
	case !word.MatchString(s.Bucket):
		return fault("Bucket is no name of a bucket", `use letters, digits, "-" and "_"`)
	case !word.MatchString(s.Name):
		return fault("Name is no name of an exporter", `use letters, digits, "-" and "_"`)
	case s.Lease != 0 && s.Lease < shortestLease:
		return fault("Lease is too short", "use at least "+shortestLease.String())
	case s.Replicas < 0 || s.Replicas > 5 || s.GiveUp < 0:
		return fault("Replicas or GiveUp is out of range", "use 1 to 5 replicas, and no negative time")
	case kinds > 1:
		return fault("there are several kinds of credentials", "set one of Credentials, User with Password, and Token")
	case s.User == "" && !s.Password.IsZero():
		return fault("there is a password without a user", "set User")
	}
	for server := range strings.SplitSeq(s.URL, ",") {
		if reason, hint := s.serverFault(strings.TrimSpace(server)); reason != "" {
			return fault(reason, hint)
		}
	}
	return nil
}

func (s *Store) serverFault(server string) (reason, hint string) {
	address, err := url.Parse(server)
	switch {
	case err != nil || address.Host == "":
		return "URL is no address of a server", "write it as tls://HOST:PORT"
	case !slices.Contains([]string{"nats", "tls"}, address.Scheme):
		return "URL has another scheme than tls and nats", "write it as tls://HOST:PORT"
	case address.User != nil:
		return "URL has credentials", "set User and Password, or Token"
	case address.Scheme == "nats" && !s.PlainTCP && s.CABundle == "" && !netaddr.IsLoopback(address.Hostname()):
		return "URL is not encrypted", "use tls://, or set PlainTCP if everything on the way is trusted"
	}
	return "", ""
}
