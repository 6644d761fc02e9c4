// Package natswire publishes messages to a server of NATS, and receives their answers. It speaks as
// much of the client protocol as JetStream's publishers need, because linking the client of the
// authors would make every command start noticeably later:
// https://docs.nats.io/reference/reference-protocols/nats-protocol
package natswire

import (
	"bufio"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Config configures a connection.
type Config struct {
	// Servers are addresses, for example "tls://nats.example:4222", which are tried in their order.
	// The schemes are tls and nats; the port is 4222 if there is none.
	Servers []string
	// TLS configures TLS. If it is set, or the scheme is tls, a connection without TLS is an error.
	TLS *tls.Config
	// Name names the connection in the server's monitoring.
	Name string
	// User and Password, Token, or the path of a file with credentials, if the server wants any.
	User, Password, Token, Credentials string
	// Timeout is the time limit for connecting to a server, and for each write.
	Timeout time.Duration
}

// Conn is a connection to a server. One goroutine uses it at a time. It does not connect again.
type Conn struct {
	conn    net.Conn
	reader  *bufio.Reader
	timeout time.Duration
	inbox   string // the prefix of the subjects of answers
	buffer  []byte // what is not written yet
	next    int64  // the number of the next message

	// Done is closed when the connection has ended, for the reason that Err returns.
	Done chan struct{}
	// Problems has the first error of the server that did not end the connection.
	Problems chan error

	mu         sync.Mutex
	err        error
	maxPayload int64
	answers    map[string]chan Answer
	writing    sync.Mutex
}

// info is what a server says of itself.
type info struct {
	MaxPayload   int64  `json:"max_payload"`
	Headers      bool   `json:"headers"`
	TLSRequired  bool   `json:"tls_required"`
	TLSAvailable bool   `json:"tls_available"`
	Nonce        string `json:"nonce"`
}

// Connect connects to the first server that accepts it. The error is that of the last one.
func Connect(ctx context.Context, c Config) (*Conn, error) {
	var conn *Conn
	err := ErrNoServer
	for _, server := range c.Servers {
		limited, cancel := context.WithTimeout(ctx, c.Timeout)
		conn, err = connect(limited, c, server)
		cancel()
		if err == nil || ctx.Err() != nil {
			break
		}
	}
	return conn, err
}

func connect(ctx context.Context, c Config, server string) (*Conn, error) {
	address, err := url.Parse(server)
	if err != nil {
		return nil, ErrNoServer // the cause has the address
	}
	host := net.JoinHostPort(address.Hostname(), cmp.Or(address.Port(), "4222"))
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	l := &Conn{
		conn: conn, timeout: c.Timeout, inbox: "_INBOX." + rand.Text() + ".",
		Done: make(chan struct{}), Problems: make(chan error, 1), answers: map[string]chan Answer{},
	}
	if err := l.handshake(ctx, c, address); err != nil {
		conn.Close()
		if ctx.Err() != nil {
			err = fmt.Errorf("the server did not answer: %w", context.Cause(ctx))
		}
		return nil, err
	}
	if !stop() {
		conn.Close()
		return nil, context.Cause(ctx)
	}
	go l.read()
	return l, nil
}

// handshake exchanges INFO, CONNECT and PING with the server.
func (l *Conn) handshake(ctx context.Context, c Config, address *url.URL) error {
	l.reader = bufio.NewReaderSize(l.conn, longestLine)
	line, err := l.line()
	if err != nil {
		return err
	}
	text, ok := strings.CutPrefix(line, "INFO ")
	var server info
	if !ok || json.Unmarshal([]byte(text), &server) != nil {
		return ErrProtocol
	}
	l.maxPayload = server.MaxPayload
	wanted := c.TLS != nil || address.Scheme == "tls"
	switch {
	case !server.Headers:
		return fmt.Errorf("%w: it has no headers", ErrProtocol)
	case wanted && !server.TLSRequired && !server.TLSAvailable:
		return ErrNoTLS
	case wanted || server.TLSRequired:
		if err := l.secure(ctx, c.TLS, address.Hostname()); err != nil {
			return err
		}
	}
	greeting, err := c.greeting(server, wanted || server.TLSRequired)
	if err != nil {
		return err
	}
	if _, err := l.conn.Write(fmt.Appendf(nil, "CONNECT %s\r\nPING\r\n", greeting)); err != nil {
		return err
	}
	for {
		line, err := l.line()
		if err != nil {
			return err
		}
		if text, ok := strings.CutPrefix(line, "-ERR "); ok {
			return serverError(text)
		}
		if line == "PONG" {
			break
		}
	}
	l.buffer = fmt.Appendf(nil, "SUB %s* 1\r\n", l.inbox)
	return nil
}

func (l *Conn) secure(ctx context.Context, config *tls.Config, host string) error {
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	config = config.Clone()
	config.ServerName = cmp.Or(config.ServerName, host)
	conn := tls.Client(l.conn, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		return err
	}
	l.conn = conn
	l.reader = bufio.NewReaderSize(conn, longestLine)
	return nil
}

// greeting returns the argument of CONNECT.
func (c *Config) greeting(server info, secured bool) ([]byte, error) {
	fields := map[string]any{
		"verbose": false, "pedantic": false, "tls_required": secured, "name": c.Name, "lang": "go", "version": "1",
		"protocol": 1, "headers": true, "no_responders": true,
	}
	for name, value := range map[string]string{"user": c.User, "pass": c.Password, "auth_token": c.Token} {
		if value != "" {
			fields[name] = value
		}
	}
	if c.Credentials != "" {
		token, key, err := readCredentials(c.Credentials)
		if err != nil {
			return nil, err
		}
		fields["jwt"], fields["sig"] = token, sign(key, server.Nonce)
	}
	return json.Marshal(fields)
}

// MaxPayload returns the size of the largest message, with its header, in bytes.
func (l *Conn) MaxPayload() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.maxPayload
}

// Err returns why the connection has ended.
func (l *Conn) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// Close ends the connection.
func (l *Conn) Close() {
	l.conn.Close()
	<-l.Done
}
