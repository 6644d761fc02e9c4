package cli_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/taegistest/emulator"
)

// dated serves an emulator with a wrong clock.
func dated(t *testing.T, by time.Duration, config emulator.Config) *httptest.Server {
	t.Helper()
	e := emulator.New(config)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", time.Now().Add(by).UTC().Format(http.TimeFormat))
		e.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		server.Close()
		e.Close()
	})
	return server
}

func TestDoctorOfTheClock(t *testing.T) {
	for name, c := range map[string]struct {
		by, life time.Duration
		status   string
		found    string
	}{
		"right":              {0, time.Hour, "ok", "within 1s of http"},
		"a little off":       {-10 * time.Second, time.Hour, "ok", "within"},
		"behind":             {2 * time.Minute, time.Hour, "warning", "behind http"},
		"ahead":              {-2 * time.Minute, time.Hour, "warning", "ahead of http"},
		"far ahead":          {-20 * time.Minute, time.Hour, "failure", "ahead of http"},
		"too far for tokens": {time.Minute, 50 * time.Second, "failure", "the token is valid by one clock and expired by the other"},
	} {
		t.Run(name, func(t *testing.T) {
			home(t)
			asClient(t, dated(t, c.by, emulator.Config{TokenLifetime: c.life}).URL)
			logIn(t)
			doctor(t).want("clock", c.status, c.found)
		})
	}
}

// bundle writes certificates to a file.
func bundle(t *testing.T, certificates ...[]byte) string {
	t.Helper()
	var text []byte
	for _, der := range certificates {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	return write(t, filepath.Join(t.TempDir(), "authorities.pem"), string(text))
}

// certified serves with a certificate that is valid between two times.
func certified(t *testing.T, from, to time.Time) *httptest.Server {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "old"}, NotBefore: from, NotAfter: to,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	server := silenced(http.NotFoundHandler())
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// silenced returns a server that does not log rejected handshakes.
func silenced(handler http.Handler) *httptest.Server {
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	return server
}

func TestDoctorOfCertificates(t *testing.T) {
	server := silenced(http.NotFoundHandler())
	server.StartTLS()
	t.Cleanup(server.Close)
	now := time.Now()
	expired := certified(t, now.Add(-48*time.Hour), now.Add(-24*time.Hour))
	otherName := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	for name, c := range map[string]struct {
		url, bundle, status, found, hint, certificates, counted string
	}{
		"of an unknown authority": {server.URL, "", "failure", `signed by "O=Acme Co", which is not trusted`, "export TAEGIS_CA_BUNDLE=AUTHORITIES.pem", "ok", "TAEGIS_CA_BUNDLE is not set"},
		"of the bundle":           {server.URL, bundle(t, server.Certificate().Raw), "ok", "responded in", "", "ok", "1 certificate in addition"},
		"for another name":        {otherName, bundle(t, server.Certificate().Raw), "failure", "127.0.0.1, ::1, not for localhost", "unset TAEGIS_API_URL", "ok", "1 certificate"},
		"out of date":             {expired.URL, bundle(t, expired.Certificate().Raw), "failure", `"CN=old" is valid from`, "date -u", "warning", "1 expired or not yet valid"},
		"with rubbish after it":   {server.URL, bundle(t, server.Certificate().Raw, []byte("rubbish")), "ok", "responded in", "", "warning", "1 that cannot be read"},
		"of a bundle that is not": {server.URL, filepath.Join(t.TempDir(), "none.pem"), "skipped", "certificates cannot be used", "", "failure", "none.pem"},
		"of an empty bundle":      {server.URL, bundle(t), "skipped", "certificates cannot be used", "", "failure", "holds no certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			home(t)
			asClient(t, c.url)
			if c.bundle != "" {
				t.Setenv("TAEGIS_CA_BUNDLE", c.bundle)
			}
			e := doctor(t)
			if got := e.want("network:api", c.status, c.found); got.Hint != c.hint {
				t.Errorf("hint %q, want %q", got.Hint, c.hint)
			}
			e.want("certificates", c.certificates, c.counted)
		})
	}
}

func TestDoctorOfTheNetwork(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := listener.Addr().String()
	listener.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	ill := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	t.Cleanup(ill.Close)
	moved := httptest.NewServer(http.RedirectHandler("https://nowhere.invalid/", http.StatusFound))
	t.Cleanup(moved.Close)
	for name, c := range map[string]struct{ url, status, found, hint string }{
		"no listener":  {"https://" + gone, "failure", "cannot be reached", "curl -sv -o /dev/null https://" + gone + "/"},
		"no such name": {"https://taegis.invalid", "failure", "the name taegis.invalid cannot be resolved", "nslookup taegis.invalid"},
		"no TLS":       {strings.Replace(plain.URL, "http:", "https:", 1), "failure", "server gave HTTP response", ""},
		"ill":          {ill.URL, "warning", "but with status 502", ""},
		"a redirect":   {moved.URL, "ok", "responded in", ""},
	} {
		t.Run(name, func(t *testing.T) {
			home(t)
			t.Setenv("TAEGIS_API_URL", c.url)
			t.Setenv("TAEGIS_ACCESS_TOKEN", "opaque")
			e := doctor(t)
			if got := e.want("network:api", c.status, c.found); c.hint != "" && got.Hint != c.hint {
				t.Errorf("hint %q, want %q", got.Hint, c.hint)
			}
			if c.status == "failure" {
				e.want("call", "skipped", "the API was not reached")
				e.want("clock", "skipped")
			}
		})
	}
}
