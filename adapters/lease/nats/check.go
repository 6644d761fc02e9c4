package nats

import (
	"regexp"
	"time"

	"github.com/taegis-go/taegis/internal/natsconfig"
	"github.com/taegis-go/taegis/internal/sinkfault"
)

// shortestLease is the shortest time of a lease.
const shortestLease = time.Second

// config returns the settings of the connection.
func (s *Store) config() *natsconfig.Config {
	return &natsconfig.Config{
		URL: s.URL, PlainTCP: s.PlainTCP, Credentials: s.Credentials, User: s.User, Password: s.Password, Token: s.Token,
		CABundle: s.CABundle,
	}
}

// name returns the name of the store in errors, without credentials.
func (s *Store) name() string { return s.config().Name() }

// Check returns a [*core.SinkError] for a configuration that cannot work. It does not connect.
func (s *Store) Check() error {
	fault := func(reason, hint string) error { return sinkfault.Setting(s.name(), reason, hint) }
	if err := s.config().Check(); err != nil {
		return err
	}
	word := regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	switch {
	case !word.MatchString(s.Bucket):
		return fault("Bucket is no name of a bucket", `use letters, digits, "-" and "_"`)
	case !word.MatchString(s.Name):
		return fault("Name is no name of an exporter", `use letters, digits, "-" and "_"`)
	case s.Lease != 0 && s.Lease < shortestLease:
		return fault("Lease is too short", "use at least "+shortestLease.String())
	case s.Replicas < 0 || s.Replicas > 5 || s.GiveUp < 0:
		return fault("Replicas or GiveUp is out of range", "use 1 to 5 replicas, and no negative time")
	}
	return nil
}
