package audit

import (
	"bytes"
	"cmp"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"
)

// The sockets of the services.
const (
	syslogSocket  = "/dev/log"
	journalSocket = "/run/systemd/journal/socket"
)

// The facility and the severities of the messages.
const (
	authpriv = 10
	warning  = 4
	notice   = 5
)

// writeTime is how long a service may take to accept a message.
const writeTime = 2 * time.Second

// service is a connection to a logging service of this machine, which takes datagrams, or a stream of
// lines.
type service struct {
	net.Conn
	format func(record []byte, severity int) []byte
}

func openSyslog(socket string) (output, error) {
	return dial(cmp.Or(socket, syslogSocket), syslogMessage)
}

func openJournal(socket string) (output, error) {
	return dial(cmp.Or(socket, journalSocket), journalMessage)
}

func dial(socket string, format func([]byte, int) []byte) (output, error) {
	conn, err := net.DialTimeout("unixgram", socket, writeTime)
	if err != nil {
		if stream, streamErr := net.DialTimeout("unix", socket, writeTime); streamErr == nil {
			conn, err = stream, nil
		}
	}
	if err != nil {
		return nil, err
	}
	return &service{conn, format}, nil
}

// append sends one message.
func (s *service) append(record []byte, isFailure bool) error {
	severity := notice
	if isFailure {
		severity = warning
	}
	if err := s.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return err
	}
	_, err := s.Write(s.format(record, severity))
	return err
}

// syslogMessage returns a message as local services of syslog take it. "@cee:" marks the JSON for
// them (https://cee.mitre.org/language/1.0-beta1/clt.html).
func syslogMessage(record []byte, severity int) []byte {
	return fmt.Appendf(nil, "<%d>%s %s[%d]: @cee: %s\n",
		authpriv<<3|severity, time.Now().Format(time.Stamp), filepath.Base(os.Args[0]), os.Getpid(), record)
}

// journalMessage returns a message in the journal's own protocol
// (https://systemd.io/JOURNAL_NATIVE_PROTOCOL). The record has no line breaks.
func journalMessage(record []byte, severity int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "PRIORITY=%d\nSYSLOG_FACILITY=%d\nSYSLOG_IDENTIFIER=%s\nSYSLOG_PID=%d\nMESSAGE=%s\n",
		severity, authpriv, filepath.Base(os.Args[0]), os.Getpid(), record)
	return b.Bytes()
}
