package nats

import (
	"regexp"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/natsconfig"
	"github.com/taegis-go/taegis/internal/sinkfault"
)

// config returns the settings of the connection.
func (s *Sink) config() *natsconfig.Config {
	return &natsconfig.Config{
		URL: s.URL, PlainTCP: s.PlainTCP, Credentials: s.Credentials, User: s.User, Password: s.Password, Token: s.Token,
		CABundle: s.CABundle, TLS: s.TLS,
	}
}

// name returns the name of the sink in errors, without credentials.
func (s *Sink) name() string { return s.config().Name() }

// check returns an error for a configuration that cannot work, and prepares the connection.
func (s *Sink) check() (err error) {
	fault := func(reason, hint string) error { return sinkfault.Setting(s.name(), reason, hint) }
	if err := s.config().Check(); err != nil {
		return err
	}
	switch {
	case strings.ContainsFunc(s.Stream, func(c rune) bool { return c <= ' ' || c == 0x7f }):
		return fault("Stream is no name of a stream", "remove spaces and control characters")
	case s.MaxPending < 0 || s.Timeout < 0:
		return fault("MaxPending or Timeout is negative", "use 0 for the default")
	}
	if hint := subjectFault(s.subject(&core.Record{})); hint != "" {
		return fault("no message can have the subject "+s.Subject, hint)
	}
	s.wire, err = s.config().Wire("taegis export", s.timeout())
	return err
}

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
