// Package taegistest helps to test programs that use the SDK. [NewServer] starts an emulator of
// Taegis on loopback; package [github.com/taegis-go/taegis/taegistest/emulator] documents its
// configuration, its faults and its record of requests. [NewTransport] returns a fake transport
// for unit tests, which needs no network.
package taegistest
