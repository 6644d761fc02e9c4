// Package contract is what a host and a plugin say to each other, generated from plugins/contract.
package contract
