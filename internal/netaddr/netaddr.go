// Package netaddr classifies hosts.
package netaddr

import (
	"net"
	"strings"
)

// IsLoopback reports whether host (without a port) is this machine: localhost, 127.0.0.0/8 or ::1.
func IsLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}
