package export

import (
	"github.com/taegis-go/taegis/adapters/sink/nats"
	"github.com/taegis-go/taegis/adapters/sink/syslog"
	"github.com/taegis-go/taegis/ports"
)

type syslogConfig struct {
	Address      string   `toml:"address"`
	PlainTCP     bool     `toml:"plain-tcp"`
	CABundle     string   `toml:"ca-bundle"`
	Facility     string   `toml:"facility"`
	Severity     string   `toml:"severity"`
	Hostname     string   `toml:"hostname"`
	AppName      string   `toml:"app-name"`
	StructuredID string   `toml:"structured-id"`
	Envelope     bool     `toml:"envelope"`
	MaxBytes     size     `toml:"max-bytes"`
	Confirm      bool     `toml:"confirm"`
	Timeout      duration `toml:"timeout"`
}

type natsConfig struct {
	URL         string   `toml:"url"`
	PlainTCP    bool     `toml:"plain-tcp"`
	CABundle    string   `toml:"ca-bundle"`
	Subject     string   `toml:"subject"`
	Stream      string   `toml:"stream"`
	Credentials string   `toml:"credentials"`
	User        string   `toml:"user"`
	Password    *secret  `toml:"password"`
	Token       *secret  `toml:"token"`
	Envelope    bool     `toml:"envelope"`
	MaxPending  int      `toml:"max-pending"`
	Timeout     duration `toml:"timeout"`
}

func (b *builder) syslog() (ports.Sink, error) {
	s := b.Sink.Syslog
	if s.Address == "" {
		return nil, b.fault("sink.syslog.address", "it is missing", "name the host and port of the receiver")
	}
	bundle, err := b.pathOf("sink.syslog.ca-bundle", s.CABundle)
	return &syslog.Sink{
		Address: s.Address, PlainTCP: s.PlainTCP, CABundle: bundle, Facility: s.Facility, Severity: s.Severity,
		Hostname: s.Hostname, AppName: s.AppName, StructuredID: s.StructuredID, Envelope: s.Envelope,
		MaxBytes: int(s.MaxBytes), Confirm: s.Confirm, Timeout: timeOf(s.Timeout),
	}, err
}

func (b *builder) nats() (ports.Sink, error) {
	s := b.Sink.NATS
	if s.URL == "" {
		return nil, b.fault("sink.nats.url", "it is missing", "name the address of a server")
	}
	bundle, err := b.pathOf("sink.nats.ca-bundle", s.CABundle)
	if err != nil {
		return nil, err
	}
	credentials, err := b.pathOf("sink.nats.credentials", s.Credentials)
	if err != nil {
		return nil, err
	}
	sink := &nats.Sink{
		URL: s.URL, PlainTCP: s.PlainTCP, CABundle: bundle, Subject: s.Subject, Stream: s.Stream, Credentials: credentials,
		User: s.User, Envelope: s.Envelope, MaxPending: s.MaxPending, Timeout: timeOf(s.Timeout),
	}
	if s.Password != nil {
		if sink.Password, err = b.secret("sink.nats.password", s.Password); err != nil {
			return nil, err
		}
	}
	if s.Token != nil {
		sink.Token, err = b.secret("sink.nats.token", s.Token)
	}
	return sink, err
}
