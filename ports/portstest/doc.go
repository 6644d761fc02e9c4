// Package portstest tests that an adapter fulfills the contract of its port, with one function for
// each port. The SDK's own adapters and those of other authors use it.
package portstest
