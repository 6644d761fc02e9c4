package syslog

import (
	"crypto/tls"
	"net"

	"golang.org/x/sys/unix"
)

// established is the state of a connection that neither side has closed.
const established = 1

// state returns how many bytes the other machine has not confirmed to have, and whether the kernel
// knows that it has closed the connection. Of a connection that is no TCP both are zero.
func state(conn net.Conn) (queued int, closed bool) {
	if secured, ok := conn.(*tls.Conn); ok {
		conn = secured.NetConn()
	}
	plain, ok := conn.(*net.TCPConn)
	if !ok {
		return 0, false
	}
	raw, err := plain.SyscallConn()
	if err != nil {
		return 0, true
	}
	err = raw.Control(func(fd uintptr) {
		if bytes, err := unix.IoctlGetInt(int(fd), unix.SIOCOUTQ); err == nil {
			queued = bytes
		}
		if info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			closed = info.State != established
		}
	})
	return queued, closed || err != nil
}
