package plugins

import (
	"errors"
	"testing"
)

// TestPluginAddresses checks what the host connects to: sockets and loopback ports. A host name is
// refused because go-plugin would resolve it in the DNS.
func TestPluginAddresses(t *testing.T) {
	for _, c := range []struct {
		network, address string
		allowed          bool
	}{
		{"unix", "/tmp/plugin-dir1/plugin2", true},
		{"tcp", "127.0.0.1:1234", true},
		{"tcp", "127.9.9.9:1", true},
		{"tcp", "[::1]:1234", true},
		{"tcp", "[::ffff:127.0.0.1]:1234", true},
		{"tcp", "192.0.2.1:1234", false},
		{"tcp", "[::ffff:192.0.2.1]:1234", false},
		{"tcp", "0.0.0.0:1234", false},
		{"tcp", "[::]:1234", false},
		{"tcp", "localhost:1234", false},
		{"tcp", "localhost.attacker.example:1234", false},
		{"tcp", "127.0.0.1:http", false},
		{"tcp", "127.0.0.1", false},
		{"tcp", ":1234", false},
		{"tcp", "", false},
		{"udp", "127.0.0.1:1234", false},
		{"TCP", "127.0.0.1:1234", false},
		{"", "/x", false},
	} {
		network, address, err := (&program{}).PluginToHost(c.network, c.address)
		if c.allowed && (network != c.network || address != c.address || err != nil) {
			t.Errorf("%s %q becomes %s %q, %v", c.network, c.address, network, address, err)
		}
		if !c.allowed && !errors.Is(err, errAddress) {
			t.Errorf("%s %q is allowed as %s %q, %v", c.network, c.address, network, address, err)
		}
	}
}
