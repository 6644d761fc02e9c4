// Package portstest says as tests what the SDK expects of an adapter: one function per port,
// for the SDK's own adapters and for authors of others.
package portstest
