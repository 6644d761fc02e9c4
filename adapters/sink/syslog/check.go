package syslog

import (
	"cmp"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/cabundle"
	"github.com/taegis-go/taegis/internal/sinkfault"
)

// check returns how messages are formatted, or an error for a configuration that cannot work.
func (s *Sink) check() (*format, error) {
	fault := func(reason, hint string) (*format, error) { return nil, sinkfault.Setting(s.name(), reason, hint) }
	facility := slices.Index(facilities(), cmp.Or(s.Facility, "user"))
	severity := slices.Index(severities(), cmp.Or(s.Severity, "info"))
	f := &format{
		priority: 8*facility + severity, structuredID: s.StructuredID, envelope: s.Envelope,
		hostname: s.Hostname, appName: cmp.Or(s.AppName, "taegis"),
	}
	if f.hostname == "" {
		f.hostname, _ = os.Hostname() // without one there is no value
		f.hostname = cmp.Or(strings.ReplaceAll(f.hostname, " ", "_"), "-")
	}
	host, port, err := net.SplitHostPort(s.Address)
	switch {
	case s.Address == "":
		return fault("there is no address", "set Address to the host and port of the receiver")
	case err != nil, host == "", port == "":
		return fault("Address has no host or no port", "write it as HOST:PORT, for example logs.example:6514")
	case facility < 0:
		return fault("the facility is unknown", "use one of "+strings.Join(facilities(), ", "))
	case severity < 0:
		return fault("the severity is unknown", "use one of "+strings.Join(severities(), ", "))
	case !isVisible(f.hostname, 255):
		return fault("Hostname cannot be sent", "use at most 255 visible characters of ASCII")
	case !isVisible(f.appName, 48):
		return fault("AppName cannot be sent", "use at most 48 visible characters of ASCII")
	case s.StructuredID != "" && !isStructuredID(s.StructuredID):
		return fault("StructuredID cannot be sent", "use a name and a private enterprise number, for example taegis@32473")
	case s.MaxBytes < 0 || s.ResendBytes < 0 || s.Timeout < 0:
		return fault("MaxBytes, ResendBytes or Timeout is negative", "use 0 for the default")
	case s.PlainTCP && (s.CABundle != "" || s.TLS != nil):
		return fault("PlainTCP is set together with CABundle or TLS", "unset PlainTCP to encrypt")
	case s.CABundle != "" && s.TLS != nil:
		return fault("CABundle and TLS are both set", "set RootCAs of TLS instead of CABundle")
	}
	return f, s.configureTLS(host)
}

func isVisible(text string, most int) bool {
	return len(text) <= most && !strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c > '~' })
}

// isStructuredID reports whether a text is a name of structured data (section 6.3.2).
func isStructuredID(text string) bool {
	matched, err := regexp.MatchString(`^[!#-<>?A-\\^-~]+@[0-9.]+$`, text)
	return err == nil && matched && len(text) <= 32
}

func (s *Sink) configureTLS(host string) error {
	s.tls = nil
	if s.PlainTCP {
		return nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.TLS != nil {
		config = s.TLS.Clone()
	}
	if s.CABundle != "" {
		roots, err := cabundle.Load(s.CABundle, nil)
		if err != nil {
			fault := sinkfault.Setting(s.name(), err.Error(), "")
			if file, ok := errors.AsType[*core.FileError](err); ok {
				fault.Reason, fault.HintText = file.Path+": "+file.Reason, file.HintText
			}
			fault.Err = err
			return fault
		}
		config.RootCAs = roots
	}
	if config.ServerName == "" {
		config.ServerName = host
	}
	s.tls = config
	return nil
}
