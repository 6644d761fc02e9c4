// Package contract is what a host and a plugin say to each other, generated from contract.proto.
package contract
