package testutil_test

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/internal/testutil"
)

// connected returns both ends of a connection.
func connected(t *testing.T) (client, server net.Conn) {
	t.Helper()
	pipes := testutil.NewPipes()
	accepted := make(chan net.Conn)
	go func() {
		c, err := pipes.Accept()
		if err != nil {
			t.Error(err)
		}
		accepted <- c
	}()
	client, err := pipes.DialContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	server = <-accepted
	_ = pipes.Close() // never fails
	if _, err := pipes.DialContext(t.Context()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dialled what is closed: %v", err)
	}
	return client, server
}

func TestPipesCarryWhatBothEndsWriteAtOnce(t *testing.T) {
	client, server := connected(t)
	for _, end := range []net.Conn{client, server} {
		if _, err := io.WriteString(end, "hello"); err != nil {
			t.Fatal(err)
		}
	}
	_ = server.Close() // never fails
	if text, err := io.ReadAll(client); string(text) != "hello" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := io.WriteString(client, "gone"); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("wrote to a closed connection: %v", err)
	}
	if _, err := server.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("read from what is closed: %v", err)
	}
}

func TestDeadlinesOfPipes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := connected(t)
		began := time.Now()
		for _, wait := range []time.Duration{time.Hour, -time.Hour} {
			if err := client.SetReadDeadline(time.Now().Add(wait)); err != nil {
				t.Fatal(err)
			}
			if _, err := client.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) != time.Hour {
				t.Errorf("%v, after %v", err, time.Since(began))
			}
		}
		if err := client.SetReadDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		if _, err := server.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Read(make([]byte, 1)); err != nil {
			t.Errorf("after the deadline was taken back: %v", err)
		}
	})
}
